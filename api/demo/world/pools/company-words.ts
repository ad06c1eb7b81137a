/** What Japanese and Western companies are called. A word: as written, its reading, and its English slug. */
export interface Word {
  text: string;
  kana: string;
  english: string;
}

const words = (list: string): Word[] =>
  list
    .trim()
    .split(/\s+/)
    .map((entry) => {
      const [text, kana, english] = entry.split('|');
      return { text: text!, kana: kana ?? text!, english: english!.replaceAll('_', ' ') };
    });

export const BRANDS = words(`
東京|トウキョウ|Tokyo 関西|カンサイ|Kansai 日本|ニホン|Nihon 大阪|オオサカ|Osaka 名古屋|ナゴヤ|Nagoya 九州|キュウシュウ|Kyushu
東海|トウカイ|Tokai 北陸|ホクリク|Hokuriku 東洋|トウヨウ|Toyo 大和|ヤマト|Yamato 富士|フジ|Fuji 旭|アサヒ|Asahi
協和|キョウワ|Kyowa 三栄|サンエイ|Sanei 三和|サンワ|Sanwa 共栄|キョウエイ|Kyoei 太陽|タイヨウ|Taiyo 中央|チュウオウ|Chuo
国際|コクサイ|Kokusai 昭和|ショウワ|Showa 大東|ダイトウ|Daito 第一|ダイイチ|Daiichi 山陽|サンヨウ|Sanyo 瀬戸内|セトウチ|Setouchi
武蔵野|ムサシノ|Musashino 北斗|ホクト|Hokuto 丸高|マルタカ|Marutaka 新星|シンセイ|Shinsei 光洋|コウヨウ|Koyo 明和|メイワ|Meiwa
サンライズ|サンライズ|Sunrise アクア|アクア|Aqua ネクスト|ネクスト|Next ヴィーナス|ヴィーナス|Venus アルファ|アルファ|Alpha
ミライ|ミライ|Mirai あおぞら|アオゾラ|Aozora みらい|ミライ|Mirai さくら|サクラ|Sakura グローバル|グローバル|Global
デジタル|デジタル|Digital スマート|スマート|Smart パートナー|パートナー|Partner クリエイト|クリエイト|Create
キャピタル|キャピタル|Capital オーシャン|オーシャン|Ocean ハート|ハート|Heart エース|エース|Ace プライム|プライム|Prime
アシスト|アシスト|Assist イノベーション|イノベーション|Innovation ＡＢＣ|エービーシー|ABC ＮＴＫ|エヌティーケー|NTK
ＫＨ|ケーエイチ|KH ＯＥ|オーイー|OE
`);

export const BUSINESSES = words(`
工業|コウギョウ|Kogyo 製作所|セイサクショ|Seisakusho 商事|ショウジ|Shoji 電機|デンキ|Denki 電子|デンシ|Electronics 運輸|ウンユ|Unyu
物流|ブツリュウ|Logistics 食品|ショクヒン|Foods 建設|ケンセツ|Construction 不動産|フドウサン|Estate 印刷|インサツ|Printing
化学|カガク|Chemical 精機|セイキ|Seiki 製薬|セイヤク|Pharma 観光|カンコウ|Tourism 産業|サンギョウ|Sangyo 設備|セツビ|Setsubi
樹脂|ジュシ|Jushi 紡績|ボウセキ|Spinning 工務店|コウムテン|Komuten 酒店|サケテン|Saketen システム|システム|Systems
システム開発|システムカイハツ|System_Development ソリューションズ|ソリューションズ|Solutions サービス|サービス|Service
テクノロジー|テクノロジー|Technology デザイン|デザイン|Design コンサルティング|コンサルティング|Consulting センサー|センサー|Sensor
サーバー技研|サーバーギケン|Server_Giken エンジニアリング|エンジニアリング|Engineering トレーディング|トレーディング|Trading
マーケティング|マーケティング|Marketing フーズ|フーズ|Foods モータース|モータース|Motors 情報サービス|ジョウホウサービス|Information_Service
コンピュータサービス|コンピュータサービス|Computer_Service 機械|キカイ|Machinery 金属|キンゾク|Metal 硝子|ガラス|Glass 計器|ケイキ|Instruments
ホールディングス|ホールディングス|Holdings
`);

/** Legal forms: in full, the forms people type, and how English letterheads write it. */
export interface LegalForm {
  full: string;
  short: string[];
  english: string;
  /** Common in front of the name, behind it, or both. */
  place: 'front' | 'either';
}
export const LEGAL_FORMS: readonly (readonly [number, LegalForm])[] = [
  [80, { full: '株式会社', short: ['㈱', '(株)', '（株）'], english: 'Co., Ltd.', place: 'either' }],
  [10, { full: '有限会社', short: ['㈲', '(有)', '（有）'], english: 'Ltd.', place: 'either' }],
  [5, { full: '合同会社', short: ['(同)', '（同）'], english: 'LLC', place: 'front' }],
  [3, { full: '医療法人', short: ['(医)', '（医）'], english: 'Medical Corporation', place: 'front' }],
  [2, { full: '一般社団法人', short: ['(一社)', '（一社）'], english: 'Association', place: 'front' }],
];

export const INDUSTRIES = [
  'Manufacturing',
  'Technology',
  'Construction',
  'Transportation',
  'Retail',
  'Consulting',
];

export const DEPARTMENTS = [
  '営業部',
  '営業本部',
  '総務部',
  '経営企画部',
  '情報システム部',
  'マーケティング部',
  '海外事業部',
  '製造部',
  '購買部',
  '品質保証部',
  '人事部',
  '技術部',
  'DX推進室',
];
export const TITLES = [
  '担当',
  '主任',
  '係長',
  '課長',
  '次長',
  '部長',
  '室長',
  'マネージャー',
  '取締役',
  '代表取締役',
  '執行役員',
];
export const BRANCHES = ['大阪支店', '名古屋支店', '福岡営業所', '仙台営業所', '東京本社', '札幌支店'];

export const WESTERN_BRANDS = `
Acme Northwind Bluebird Summit Pioneer Evergreen Redwood Silverline Keystone Horizon Crescent Granite Harbor Ironwood
Juniper Kestrel Lakeside Meridian Nimbus Orchard Pinnacle Quarry Riverside Stonebridge Tidewater Umbra Vanguard Westfield
Yellowstone Zenith Beacon Cobalt Driftwood Ember Falcon Glacier Hawthorn Indigo Jasper Kingfisher Larkspur Magnolia
Nightingale Oakmont Palisade Quill Rosewood Sequoia Thistle Upland Verdant Willow Amber Birch Copper Delta
`
  .trim()
  .split(/\s+/);
export const WESTERN_BUSINESSES = `
Logistics Systems Software Foods Consulting Engineering Partners Media Analytics Robotics Textiles Pharma Motors Energy
Instruments Packaging Design Furniture Electronics Plastics Trading Insurance Capital Networks Labs
`
  .trim()
  .split(/\s+/);
export const WESTERN_FORMS = {
  US: ['Inc.', 'LLC', 'Corp.'],
  GB: ['Ltd', 'Limited'],
  DE: ['GmbH', 'AG'],
  FR: ['SARL', 'SAS'],
};
export const WESTERN_DEPARTMENTS = [
  'Sales',
  'Marketing',
  'IT',
  'Finance',
  'Operations',
  'Procurement',
  'R&D',
];
export const WESTERN_TITLES = [
  'Manager',
  'Director',
  'Engineer',
  'Analyst',
  'VP Sales',
  'CEO',
  'Buyer',
  'Consultant',
];
