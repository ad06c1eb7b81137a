import type { Field } from '../../connectors/contract.ts';

/** What people call an attribute in their tools, beside its own name and label. In words, without order. */
const OTHER_NAMES: Record<string, string[]> = {
  familyName: ['last name', 'surname', '姓', '氏'],
  givenName: ['first name', '名'],
  fullName: ['name', '氏名', '担当者名'],
  familyNameKana: [
    'last name kana',
    'surname kana',
    'kana last',
    'last name furigana',
    '姓カナ',
    '姓フリガナ',
    'セイ',
  ],
  givenNameKana: ['first name kana', 'kana first', 'first name furigana', '名カナ', '名フリガナ', 'メイ'],
  fullNameKana: ['name kana', 'furigana', 'フリガナ', '氏名カナ'],
  email: ['e mail', 'mail', 'メール', 'メールアドレス'],
  phone: ['phone number', 'telephone', 'tel', '電話', '電話番号'],
  mobile: ['mobile phone', 'mobile phone number', 'cell', '携帯', '携帯電話'],
  title: ['job title', 'position', '役職'],
  department: ['division', '部署', '部署名'],
  customerCode: ['customer number', 'customer no', 'client code', '顧客コード', '顧客番号', '得意先コード'],
  corporateNumber: ['corporate no', 'houjin bangou', 'hojin bango', '法人番号'],
  birthDate: ['birthday', 'birthdate', 'date of birth', '生年月日'],
  website: ['website url', 'homepage', 'url', 'ホームページ'],
  domain: ['company domain name', 'ドメイン'],
  industry: ['業種'],
  employees: ['number of employees', 'headcount', '従業員数', '社員数'],
  description: ['remarks', 'notes', '備考', '説明'],
};

/** `LastNameKana__c`, `Last name (kana)` and `kana_last_name` alike: words in lower case, sorted. */
export function wordsOf(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/__c$/i, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}ー]+/u)
    .filter((word) => word !== '')
    .sort()
    .join(' ');
}

/** Is this field, by its name or label, what the attribute is called? */
export function isCalled(
  attribute: string,
  label: string | undefined,
  field: Pick<Field, 'name' | 'label'>,
): boolean {
  const names = [attribute, ...(label === undefined ? [] : [label]), ...(OTHER_NAMES[attribute] ?? [])].map(
    wordsOf,
  );
  return [field.name, field.label].some((name) => names.includes(wordsOf(name)));
}

/** Are two tools' fields called the same? */
export function sameName(a: Pick<Field, 'name' | 'label'>, b: Pick<Field, 'name' | 'label'>): boolean {
  const names = [a.name, a.label].map(wordsOf);
  return [b.name, b.label].some((name) => names.includes(wordsOf(name)));
}

/** An attribute's name for a field: `Score__c` is score, `customer rank` customerRank. undefined: it has no Latin letters. */
export function attributeName(field: Pick<Field, 'name'>): string | undefined {
  const words = field.name
    .replace(/__c$/i, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const name = words.map((word, i) => (i === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join('');
  return /^[a-z]/.test(name) ? name : undefined;
}
