/**
 * Legal forms and how they are written. `full` spellings may stand in front or behind; `bank` forms are the ones of
 * account names (カ) アシスト). Longest spelling first wins. Folded, lower case, without spaces, dots or commas.
 */
export const LEGAL_FORMS: readonly {
  form: string;
  kanji: string[];
  short: string[];
  kana: string[];
  latin: string[];
}[] = [
  {
    form: '株式会社',
    kanji: ['株式会社', '株式會社'],
    short: ['株'],
    kana: ['カブシキガイシャ', 'カブシキカイシャ'],
    latin: [
      'coltd',
      'companylimited',
      'kk',
      'kabushikikaisha',
      'kabushikigaisha',
      'inc',
      'incorporated',
      'corp',
      'corporation',
      'ltd',
      'limited',
      'colimited',
    ],
  },
  {
    form: '有限会社',
    kanji: ['有限会社', '有限會社'],
    short: ['有'],
    kana: ['ユウゲンガイシャ', 'ユウゲンカイシャ'],
    latin: ['yk', 'yugenkaisha', 'yugengaisha'],
  },
  {
    form: '合同会社',
    kanji: ['合同会社'],
    short: ['同', '合同'],
    kana: ['ゴウドウガイシャ', 'ゴウドウカイシャ'],
    latin: ['llc', 'gk', 'godokaisha', 'godogaisha'],
  },
  {
    form: '合資会社',
    kanji: ['合資会社'],
    short: ['資'],
    kana: ['ゴウシガイシャ', 'ゴウシカイシャ'],
    latin: [],
  },
  {
    form: '合名会社',
    kanji: ['合名会社'],
    short: ['名'],
    kana: ['ゴウメイガイシャ', 'ゴウメイカイシャ'],
    latin: [],
  },
  { form: '公益社団法人', kanji: ['公益社団法人'], short: ['公社'], kana: [], latin: [] },
  { form: '公益財団法人', kanji: ['公益財団法人'], short: ['公財'], kana: [], latin: [] },
  {
    form: '一般社団法人',
    kanji: ['一般社団法人'],
    short: ['一社', '社'],
    kana: ['イッパンシャダンホウジン'],
    latin: [],
  },
  {
    form: '一般財団法人',
    kanji: ['一般財団法人'],
    short: ['一財', '財'],
    kana: ['イッパンザイダンホウジン'],
    latin: [],
  },
  {
    form: '医療法人',
    kanji: ['医療法人社団', '医療法人財団', '社会医療法人', '医療法人'],
    short: ['医', '医社'],
    kana: ['イリョウホウジン'],
    latin: [],
  },
  { form: '学校法人', kanji: ['学校法人'], short: ['学'], kana: ['ガッコウホウジン'], latin: [] },
  {
    form: '社会福祉法人',
    kanji: ['社会福祉法人'],
    short: ['福', '社福'],
    kana: ['シャカイフクシホウジン'],
    latin: [],
  },
  { form: '宗教法人', kanji: ['宗教法人'], short: ['宗'], kana: [], latin: [] },
  {
    form: '特定非営利活動法人',
    kanji: ['特定非営利活動法人', 'npo法人'],
    short: ['特非', '特'],
    kana: [],
    latin: ['npo'],
  },
  { form: '独立行政法人', kanji: ['独立行政法人'], short: ['独', '独行'], kana: [], latin: [] },
  { form: '国立大学法人', kanji: ['国立大学法人'], short: ['大'], kana: [], latin: [] },
  { form: '協同組合', kanji: ['事業協同組合'], short: [], kana: [], latin: [] },
  { form: '弁護士法人', kanji: ['弁護士法人'], short: [], kana: [], latin: [] },
  { form: '税理士法人', kanji: ['税理士法人'], short: [], kana: [], latin: [] },
  { form: 'gmbh', kanji: [], short: [], kana: [], latin: ['gmbh'] },
  { form: 'ag', kanji: [], short: [], kana: [], latin: ['ag'] },
  { form: 'sa', kanji: [], short: [], kana: [], latin: ['sa', 'sarl', 'sas'] },
  { form: 'plc', kanji: [], short: [], kana: [], latin: ['plc'] },
  { form: 'llp', kanji: [], short: [], kana: [], latin: ['llp', 'lp'] },
  { form: 'bv', kanji: [], short: [], kana: [], latin: ['bv', 'nv'] },
  { form: 'pty', kanji: [], short: [], kana: [], latin: ['ptyltd', 'pty'] },
];

/** Bank forms: one or two kana with a bracket. */
export const BANK_FORMS: readonly [string, string][] = [
  ['カ', '株式会社'],
  ['ユ', '有限会社'],
  ['ド', '合同会社'],
  ['シ', '合資会社'],
  ['メ', '合名会社'],
  ['シヤ', '一般社団法人'],
  ['ザイ', '一般財団法人'],
  ['イ', '医療法人'],
  ['ガク', '学校法人'],
  ['フク', '社会福祉法人'],
  ['トクヒ', '特定非営利活動法人'],
];

/** Words that begin a branch or department behind a company's name, and what may stand before the ending. */
export const BRANCH_ENDINGS =
  '支店|支社|営業所|出張所|事業所|事務所|支部|支所|工場|本社|本店|本部|センター店|研究所';
export const DEPARTMENT_ENDINGS = '部|課|室|係|局|グループ|チーム';
