/** The 47 prefectures with their endings, and the capital or best-known city where its name differs. */
export const PREFECTURES: readonly string[] =
  `北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県
岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県
佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県`
    .trim()
    .split(/\s+/u);

/** Cities whose prefecture is usually left out, with it. */
export const CITY_PREFECTURE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    北海道: '札幌市 函館市 旭川市 小樽市 帯広市 釧路市',
    青森県: '青森市 八戸市 弘前市',
    岩手県: '盛岡市',
    宮城県: '仙台市 石巻市',
    秋田県: '秋田市',
    山形県: '山形市',
    福島県: '福島市 郡山市 いわき市',
    茨城県: '水戸市 つくば市 日立市 龍ヶ崎市',
    栃木県: '宇都宮市',
    群馬県: '前橋市 高崎市',
    埼玉県: 'さいたま市 川越市 川口市 所沢市',
    千葉県: '千葉市 船橋市 市川市 松戸市 柏市 浦安市 成田市 木更津市 袖ヶ浦市',
    東京都:
      '千代田区 中央区 港区 新宿区 文京区 台東区 墨田区 江東区 品川区 目黒区 大田区 世田谷区 渋谷区 中野区 杉並区 豊島区 北区 荒川区 板橋区 練馬区 足立区 葛飾区 江戸川区 八王子市 立川市 武蔵野市 三鷹市 府中市 町田市',
    神奈川県: '横浜市 川崎市 相模原市 横須賀市 藤沢市 鎌倉市',
    新潟県: '新潟市 長岡市 魚沼市',
    富山県: '富山市 高岡市',
    石川県: '金沢市',
    福井県: '福井市',
    山梨県: '甲府市',
    長野県: '長野市 松本市 諏訪市',
    岐阜県: '岐阜市 大垣市',
    静岡県: '静岡市 浜松市 沼津市',
    愛知県: '名古屋市 豊田市 豊橋市 岡崎市 一宮市 刈谷市',
    三重県: '津市 四日市市',
    滋賀県: '大津市 草津市',
    京都府: '京都市 宇治市',
    大阪府: '大阪市 堺市 東大阪市 吹田市 豊中市 枚方市 高槻市',
    兵庫県: '神戸市 姫路市 尼崎市 西宮市 明石市',
    奈良県: '奈良市',
    和歌山県: '和歌山市',
    鳥取県: '鳥取市 米子市',
    島根県: '松江市',
    岡山県: '岡山市 倉敷市',
    広島県: '広島市 福山市 呉市',
    山口県: '山口市 下関市',
    徳島県: '徳島市',
    香川県: '高松市',
    愛媛県: '松山市',
    高知県: '高知市',
    福岡県: '福岡市 北九州市 久留米市',
    佐賀県: '佐賀市',
    長崎県: '長崎市 佐世保市',
    熊本県: '熊本市',
    大分県: '大分市',
    宮崎県: '宮崎市',
    鹿児島県: '鹿児島市',
    沖縄県: '那覇市',
  }).flatMap(([prefecture, cities]) => cities.split(' ').map((city): [string, string] => [city, prefecture])),
);

/** Place names that stand in front of 支店, 営業所 and the like. A pattern's alternatives. */
export const MAJOR_PLACES = [
  ...new Set([
    ...PREFECTURES.map((p) => (p === '北海道' ? p : p.slice(0, -1))),
    ...[...CITY_PREFECTURE.keys()]
      .map((c) => c.replace(/^.*郡/u, '').slice(0, -1))
      .filter((c) => c.length > 1),
    ...'関東 関西 中部 東北 九州 四国 中国 北陸 東海 首都圏 近畿 道央 新大阪 渋谷 新宿 池袋 品川 梅田 難波 博多 天神 小倉 多摩 三河 湘南 丸の内 日本橋 神田'.split(
      ' ',
    ),
  ]),
]
  .sort((a, b) => b.length - a.length)
  .join('|');

/** Municipalities whose names hold a 市, 区, 町 or 村 before their last character; a naive cut would break them. */
export const TRICKY_MUNICIPALITIES: readonly string[] =
  `四日市市 廿日市市 野々市市 八日市場市 市川市 市原市 町田市 大町市 十日町市 村山市 東村山市 武蔵村山市 羽村市 大村市 田村市 村上市 余市郡余市町
中村区 玉村町 余市町 市貝町 上市町 下市町 市川三郷町 市川町 西市 郡山市 大和郡山市 郡上市 蒲郡市 小郡市 杵島郡大町町 町田町 周防大島町 大田区 北区`
    .trim()
    .split(/\s+/u);
