import { nearest } from '../../../../mappings/nearest.ts';
import { KITS, type Tool, type Urls } from '../../../config/scaffold.ts';
import { isUrl } from '../../../init/interview.ts';
import { UsageError } from '../../args.ts';

export const TOOLS: Tool[] = ['salesforce', 'hubspot', 'webhook', 'csv'];
export const STANDARD: Tool[] = ['salesforce', 'hubspot'];

export function toolsIn(text: string): Tool[] {
  const words = text
    .toLowerCase()
    .split(/[\s,、]+/)
    .filter((word) => word !== '');
  if (words.length === 0) throw new UsageError(`name at least one tool: ${TOOLS.join(', ')}`);
  return [...new Set(words.map(toolNamed))];
}

function toolNamed(word: string): Tool {
  const tool = TOOLS.find((one) => one === word);
  if (tool) return tool;
  const near = nearest(word, TOOLS);
  throw new UsageError(
    `there is no tool '${word}'; ${near ? `did you mean ${near}?` : `there are ${TOOLS.join(', ')}`}`,
  );
}

export function checkRegion(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[A-Za-z]{2}$/.test(text))
    throw new UsageError(`--region is a country's two letters, as JP, not '${text}'`);
  return text?.toUpperCase();
}

export function checkZone(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`--time-zone is a name as Asia/Tokyo, not '${text}'`);
  }
}

export function urlOption(tool: 'salesforce' | 'hubspot', text: string | undefined): Urls {
  if (text === undefined) return {};
  if (!isUrl(text))
    throw new UsageError(`--${tool}-url is an address such as ${KITS[tool].address!.usual}, not '${text}'`);
  return { [tool]: text };
}
