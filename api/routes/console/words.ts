/** The console's words. A missing translation is a type error. */
const en = {
  overview: 'Overview',
  tools: 'Tools',
  tool: 'Tool',
  object: 'Object',
  records: 'Records',
  lastRead: 'Last read',
  never: 'never',
  notComplete: 'not read to its end yet',
  syncs: 'Syncs',
  sync: 'Sync',
  status: 'Status',
  when: 'When',
  schedule: 'Schedule',
  byHand: 'by hand',
  realtime: 'real time',
  read: 'read',
  linked: 'linked',
  created: 'created',
  updated: 'updated',
  failed: 'refused',
  calls: 'API calls',
  notRun: 'has not run yet',
  golden: 'Golden records',
  goldenOf: (gathered: string) => `golden records, ${gathered} gathered from two or more records`,
  entities: { person: 'People', company: 'Companies', deal: 'Deals' } as Record<string, string>,
  doubts: 'Doubtful pairs',
  doubtsHint: 'Alike, but not enough to be joined without a person.',
  likelihood: 'Likelihood',
  why: 'Why',
  failures: 'Needs someone',
  cause: 'Cause',
  fix: 'What to do',
  count: 'Count',
  none: 'Nothing. All is well.',
  find: 'Find a golden record',
  findHint: 'E-mail address, name or golden id',
  search: 'Search',
  nothingFound: 'Nothing found.',
  attribute: 'Attribute',
  value: 'Value',
  source: 'Source',
  rule: 'Rule',
  lost: 'What lost',
  version: 'Version',
  inTools: 'Records in tools',
  deleted: 'deleted',
  back: 'Back to the overview',
  signIn: 'Sign in',
  signInElsewhere: 'Sign in with',
  signInHint: 'Open the link that `nayose serve` printed, or paste a token.',
  wrongToken: 'This token is not valid.',
  token: 'Token',
  missing: 'There is no such golden record.',
  complete: 'complete',
  incomplete: 'incomplete',
  halted: 'halted',
  running: 'running',
};

export type Words = typeof en;

const ja: Words = {
  overview: '概要',
  tools: 'ツール',
  tool: 'ツール',
  object: 'オブジェクト',
  records: 'レコード数',
  lastRead: '最終読み取り',
  never: '未実行',
  notComplete: 'まだ最後まで読み取られていません',
  syncs: '同期',
  sync: '同期',
  status: '状態',
  when: '実行日時',
  schedule: 'スケジュール',
  byHand: '手動',
  realtime: 'リアルタイム',
  read: '読み取り',
  linked: '名寄せ',
  created: '作成',
  updated: '更新',
  failed: '拒否',
  calls: 'API呼び出し',
  notRun: 'まだ実行されていません',
  golden: 'ゴールデンレコード',
  goldenOf: (gathered) => `件のゴールデンレコード（うち複数のレコードから統合 ${gathered} 件）`,
  entities: { person: '人物', company: '会社', deal: '商談' },
  doubts: '要確認の組',
  doubtsHint: '似ていますが、自動で統合するには確度が足りません。',
  likelihood: '確度',
  why: '理由',
  failures: '対応が必要なもの',
  cause: '原因',
  fix: '対処',
  count: '件数',
  none: 'ありません。すべて正常です。',
  find: 'ゴールデンレコードを探す',
  findHint: 'メールアドレス、氏名、またはID',
  search: '検索',
  nothingFound: '見つかりませんでした。',
  attribute: '項目',
  value: '値',
  source: '出所',
  rule: '採用規則',
  lost: '採用されなかった値',
  version: '版',
  inTools: '各ツールのレコード',
  deleted: '削除済み',
  back: '概要に戻る',
  signIn: 'サインイン',
  signInElsewhere: '次でサインイン:',
  signInHint: '`nayose serve` が表示したリンクを開くか、トークンを貼り付けてください。',
  wrongToken: 'このトークンは無効です。',
  token: 'トークン',
  missing: 'そのゴールデンレコードはありません。',
  complete: '完了',
  incomplete: '未完了',
  halted: '停止中',
  running: '実行中',
};

export type Language = 'en' | 'ja';
export const WORDS: Record<Language, Words> = { en, ja };

/** The first language of Accept-Language that the console speaks; English otherwise. */
export function languageOf(accept: string | undefined): Language {
  const wanted = (accept ?? '')
    .split(',')
    .map((item, index) => {
      const [tag = '', ...params] = item.trim().split(';');
      const q = params
        .map((param) => /^\s*q=([\d.]+)\s*$/.exec(param)?.[1])
        .find((value) => value !== undefined);
      return { language: tag.toLowerCase().split('-')[0], q: q === undefined ? 1 : Number(q), index };
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q || a.index - b.index);
  const first = wanted.find(({ language }) => language === 'ja' || language === 'en');
  return first?.language === 'ja' ? 'ja' : 'en';
}
