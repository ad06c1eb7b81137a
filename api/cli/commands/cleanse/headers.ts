/** Column names that people give to each attribute, in the form that `plainHeader` makes. */
const PERSON: Record<string, string> = {
  familyName: 'lastname surname familyname sei 姓 名字 苗字 氏',
  givenName: 'firstname givenname forename mei 名',
  fullName: 'name fullname contactname 氏名 名前 お名前 担当者名 担当者 ご担当者名',
  familyNameKana: 'lastnamekana familynamekana kanalast セイ 姓カナ 姓かな 姓フリガナ 姓ふりがな',
  givenNameKana: 'firstnamekana givennamekana kanafirst メイ 名カナ 名かな 名フリガナ 名ふりがな',
  fullNameKana: 'kana namekana fullnamekana フリガナ ふりがな カナ 氏名カナ 氏名フリガナ お名前フリガナ',
  email: 'email mail emailaddress mailaddress メール メールアドレス eメール',
  phone: 'phone tel telephone phonenumber telephonenumber 電話 電話番号',
  mobile: 'mobile mobilephone mobilenumber cell cellphone 携帯 携帯電話 携帯番号 携帯電話番号',
  fax: 'fax faxnumber ファックス',
  companyName:
    'company companyname accountname organization organisation employer 会社 会社名 企業名 法人名 勤務先 取引先 取引先名 貴社名',
  title: 'title jobtitle position 役職',
  department: 'department dept 部署 部署名 所属',
  customerCode: 'customercode accountcustomercode 顧客番号 顧客コード 会員番号 socsecid ssn',
  website: 'website url web homepage accountwebsite ホームページ',
  birthDate: 'birthdate dateofbirth dob birthday 生年月日 誕生日',
  postalCode: 'postalcode postcode zip zipcode mailingpostalcode 郵便番号',
  country: 'country mailingcountry 国',
  region: 'region state stateregion prefecture mailingstate 都道府県',
  city: 'city suburb town mailingcity 市区町村',
  street: 'street streetaddress mailingstreet address1 番地 町名番地',
  address: 'address fulladdress 住所',
};

const SHARED = [
  'email',
  'phone',
  'website',
  'customerCode',
  'postalCode',
  'country',
  'region',
  'city',
  'street',
  'address',
];

const COMPANY: Record<string, string> = {
  name: 'name sitename accountname company companyname organization organisation 会社名 企業名 法人名 取引先 取引先名 名称 商号',
  corporateNumber: 'corporatenumber accountcorporatenumber 法人番号 登録番号 invoiceno',
  domain: 'domain ドメイン',
  industry: 'industry 業種',
  ...Object.fromEntries(SHARED.map((name) => [name, PERSON[name]!])),
};

/** `Last Name`, `last_name` and `LastName__c` are one. `Account.Name` keeps both of its parts. */
export const plainHeader = (header: string) =>
  header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/__c$/, '')
    .replace(/[\s_\-./()（）・]/g, '');

const byHeader = (table: Record<string, string>) =>
  new Map(
    Object.entries(table).flatMap(([attribute, names]) => names.split(' ').map((name) => [name, attribute])),
  );

const HEADERS = { person: byHeader(PERSON), company: byHeader(COMPANY) };

/** attribute → column, for the columns whose names say what they hold; the first column of a kind counts. */
export function guessColumns(
  entity: 'person' | 'company',
  columns: readonly string[],
): Record<string, string> {
  const guessed: Record<string, string> = {};
  for (const column of columns) {
    const attribute = HEADERS[entity].get(plainHeader(column));
    if (attribute !== undefined && !Object.hasOwn(guessed, attribute)) guessed[attribute] = column;
  }
  return guessed;
}

/** People have e-mails with names, or names in two parts; a list without either is of companies. */
export function guessEntity(columns: readonly string[]): 'person' | 'company' {
  const person = guessColumns('person', columns);
  const human = ['familyName', 'givenName', 'familyNameKana', 'givenNameKana', 'mobile', 'birthDate'];
  if (human.some((name) => Object.hasOwn(person, name))) return 'person';
  const company = guessColumns('company', columns);
  if (Object.hasOwn(company, 'corporateNumber') || !Object.hasOwn(person, 'email')) return 'company';
  return 'person';
}

/** The column that names a record: `record_id`, `id`, or a first column that ends in id. */
export function guessId(columns: readonly string[]): string | undefined {
  for (const name of ['recordid', 'id']) {
    const column = columns.find((one) => plainHeader(one) === name);
    if (column !== undefined) return column;
  }
  const [first] = columns;
  return first !== undefined && /(?:[a-z]_|\s)id$/i.test(first) ? first : undefined;
}
