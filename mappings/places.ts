import { didYouMean } from './nearest.ts';
import { REGIONS } from './phone.ts';

/** What a schema tells of a value: zod's context, as far as it is needed here. */
interface Issues {
  addIssue(issue: { code: 'custom'; message: string; params?: { fix: string } }): void;
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Refines a text to the IANA name of a time zone. */
export function checkTimeZone(name: string, issues: Issues): void {
  if (isTimeZone(name)) return;
  const zones = Intl.supportedValuesOf('timeZone');
  const city = name.trim().toLowerCase().replaceAll(' ', '_');
  const zone = zones.find((one) => one.toLowerCase().endsWith(`/${city}`));
  const fix = zone === undefined ? didYouMean(name, zones) : `did you mean "${zone}"?`;
  issues.addIssue({
    code: 'custom',
    message: 'a time zone such as Asia/Tokyo',
    ...(fix === undefined ? {} : { params: { fix } }),
  });
}

/** Refines a text to the ISO 3166 code of a country that has telephones. */
export function checkRegion(region: string, issues: Issues): void {
  if (REGIONS.includes(region)) return;
  const names = new Intl.DisplayNames(['en'], { type: 'region' });
  const wanted = region.trim().toLowerCase();
  const code = REGIONS.find((one) => one.toLowerCase() === wanted || names.of(one)?.toLowerCase() === wanted);
  issues.addIssue({
    code: 'custom',
    message: 'a country code of two capital letters, such as JP',
    ...(code === undefined ? {} : { params: { fix: `did you mean "${code}"?` } }),
  });
}
