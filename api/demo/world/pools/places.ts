import type { WesternCountry } from './western-names.ts';

export interface JapanesePlace {
  postalCode: string;
  prefecture: string;
  city: string;
  town: string;
  /** As people write it on a form: town, city, prefecture. */
  romaji: { prefecture: string; city: string; town: string };
  areaCode: string;
}

const japan = `
100-0005 東京都 千代田区 丸の内 Marunouchi Chiyoda-ku Tokyo 03
101-0021 東京都 千代田区 外神田 Sotokanda Chiyoda-ku Tokyo 03
102-0074 東京都 千代田区 九段南 Kudanminami Chiyoda-ku Tokyo 03
103-0027 東京都 中央区 日本橋 Nihombashi Chuo-ku Tokyo 03
104-0061 東京都 中央区 銀座 Ginza Chuo-ku Tokyo 03
105-0001 東京都 港区 虎ノ門 Toranomon Minato-ku Tokyo 03
106-0032 東京都 港区 六本木 Roppongi Minato-ku Tokyo 03
107-0062 東京都 港区 南青山 Minamiaoyama Minato-ku Tokyo 03
160-0022 東京都 新宿区 新宿 Shinjuku Shinjuku-ku Tokyo 03
150-0002 東京都 渋谷区 渋谷 Shibuya Shibuya-ku Tokyo 03
150-0013 東京都 渋谷区 恵比寿 Ebisu Shibuya-ku Tokyo 03
151-0051 東京都 渋谷区 千駄ヶ谷 Sendagaya Shibuya-ku Tokyo 03
141-0031 東京都 品川区 西五反田 Nishigotanda Shinagawa-ku Tokyo 03
170-0013 東京都 豊島区 東池袋 Higashiikebukuro Toshima-ku Tokyo 03
135-0061 東京都 江東区 豊洲 Toyosu Koto-ku Tokyo 03
130-0013 東京都 墨田区 錦糸 Kinshi Sumida-ku Tokyo 03
154-0004 東京都 世田谷区 太子堂 Taishido Setagaya-ku Tokyo 03
180-0004 東京都 武蔵野市 吉祥寺本町 Kichijojihoncho Musashino-shi Tokyo 0422
190-0012 東京都 立川市 曙町 Akebonocho Tachikawa-shi Tokyo 042
192-0081 東京都 八王子市 横山町 Yokoyamacho Hachioji-shi Tokyo 042
220-0012 神奈川県 横浜市西区 みなとみらい Minatomirai Nishi-ku,_Yokohama-shi Kanagawa 045
231-0023 神奈川県 横浜市中区 山下町 Yamashitacho Naka-ku,_Yokohama-shi Kanagawa 045
210-0007 神奈川県 川崎市川崎区 駅前本町 Ekimaehoncho Kawasaki-ku,_Kawasaki-shi Kanagawa 044
251-0052 神奈川県 藤沢市 藤沢 Fujisawa Fujisawa-shi Kanagawa 0466
330-0854 埼玉県 さいたま市大宮区 桜木町 Sakuragicho Omiya-ku,_Saitama-shi Saitama 048
350-0043 埼玉県 川越市 新富町 Shintomicho Kawagoe-shi Saitama 049
260-0015 千葉県 千葉市中央区 富士見 Fujimi Chuo-ku,_Chiba-shi Chiba 043
272-0021 千葉県 市川市 八幡 Yawata Ichikawa-shi Chiba 047
299-0263 千葉県 袖ケ浦市 奈良輪 Narawa Sodegaura-shi Chiba 0438
310-0015 茨城県 水戸市 宮町 Miyamachi Mito-shi Ibaraki 029
305-0031 茨城県 つくば市 吾妻 Azuma Tsukuba-shi Ibaraki 029
320-0811 栃木県 宇都宮市 大通り Odori Utsunomiya-shi Tochigi 028
370-0849 群馬県 高崎市 八島町 Yashimacho Takasaki-shi Gumma 027
060-0005 北海道 札幌市中央区 北五条西 Kita5jonishi Chuo-ku,_Sapporo-shi Hokkaido 011
060-0807 北海道 札幌市北区 北七条西 Kita7jonishi Kita-ku,_Sapporo-shi Hokkaido 011
980-0811 宮城県 仙台市青葉区 一番町 Ichibancho Aoba-ku,_Sendai-shi Miyagi 022
020-0024 岩手県 盛岡市 菜園 Saien Morioka-shi Iwate 019
010-0001 秋田県 秋田市 中通 Nakadori Akita-shi Akita 018
960-8031 福島県 福島市 栄町 Sakaemachi Fukushima-shi Fukushima 024
950-0088 新潟県 新潟市中央区 万代 Bandai Chuo-ku,_Niigata-shi Niigata 025
930-0003 富山県 富山市 桜町 Sakuramachi Toyama-shi Toyama 076
920-0853 石川県 金沢市 本町 Hommachi Kanazawa-shi Ishikawa 076
380-0824 長野県 長野市 南石堂町 Minamiishidocho Nagano-shi Nagano 026
400-0031 山梨県 甲府市 丸の内 Marunouchi Kofu-shi Yamanashi 055
420-0851 静岡県 静岡市葵区 黒金町 Kuroganecho Aoi-ku,_Shizuoka-shi Shizuoka 054
430-0926 静岡県 浜松市中央区 砂山町 Sunayamacho Chuo-ku,_Hamamatsu-shi Shizuoka 053
450-0002 愛知県 名古屋市中村区 名駅 Meieki Nakamura-ku,_Nagoya-shi Aichi 052
460-0008 愛知県 名古屋市中区 栄 Sakae Naka-ku,_Nagoya-shi Aichi 052
444-0059 愛知県 岡崎市 康生通西 Koseidorinishi Okazaki-shi Aichi 0564
500-8175 岐阜県 岐阜市 長住町 Nagazumicho Gifu-shi Gifu 058
510-0086 三重県 四日市市 諏訪栄町 Suwasakaemachi Yokkaichi-shi Mie 059
520-0051 滋賀県 大津市 梅林 Umebayashi Otsu-shi Shiga 077
600-8216 京都府 京都市下京区 東塩小路町 Higashishiokojicho Shimogyo-ku,_Kyoto-shi Kyoto 075
530-0001 大阪府 大阪市北区 梅田 Umeda Kita-ku,_Osaka-shi Osaka 06
542-0086 大阪府 大阪市中央区 西心斎橋 Nishishinsaibashi Chuo-ku,_Osaka-shi Osaka 06
550-0014 大阪府 大阪市西区 北堀江 Kitahorie Nishi-ku,_Osaka-shi Osaka 06
564-0063 大阪府 吹田市 江坂町 Esakacho Suita-shi Osaka 06
577-0056 大阪府 東大阪市 長堂 Chodo Higashiosaka-shi Osaka 06
650-0021 兵庫県 神戸市中央区 三宮町 Sannomiyacho Chuo-ku,_Kobe-shi Hyogo 078
670-0927 兵庫県 姫路市 駅前町 Ekimaecho Himeji-shi Hyogo 079
630-8215 奈良県 奈良市 東向中町 Higashimukinakamachi Nara-shi Nara 0742
700-0901 岡山県 岡山市北区 本町 Hommachi Kita-ku,_Okayama-shi Okayama 086
730-0013 広島県 広島市中区 八丁堀 Hatchobori Naka-ku,_Hiroshima-shi Hiroshima 082
760-0017 香川県 高松市 番町 Bancho Takamatsu-shi Kagawa 087
790-0011 愛媛県 松山市 千舟町 Chifunemachi Matsuyama-shi Ehime 089
780-0841 高知県 高知市 帯屋町 Obiyamachi Kochi-shi Kochi 088
812-0011 福岡県 福岡市博多区 博多駅前 Hakataekimae Hakata-ku,_Fukuoka-shi Fukuoka 092
810-0001 福岡県 福岡市中央区 天神 Tenjin Chuo-ku,_Fukuoka-shi Fukuoka 092
802-0001 福岡県 北九州市小倉北区 浅野 Asano Kokurakita-ku,_Kitakyushu-shi Fukuoka 093
850-0057 長崎県 長崎市 大黒町 Daikokumachi Nagasaki-shi Nagasaki 095
860-0807 熊本県 熊本市中央区 下通 Shimotori Chuo-ku,_Kumamoto-shi Kumamoto 096
870-0021 大分県 大分市 府内町 Funaimachi Oita-shi Oita 097
880-0811 宮崎県 宮崎市 錦町 Nishikimachi Miyazaki-shi Miyazaki 0985
892-0842 鹿児島県 鹿児島市 東千石町 Higashisengokucho Kagoshima-shi Kagoshima 099
900-0015 沖縄県 那覇市 久茂地 Kumoji Naha-shi Okinawa 098
`;

export const JAPANESE_PLACES: JapanesePlace[] = japan
  .trim()
  .split('\n')
  .map((line) => {
    const part = line.replaceAll('_', '\u00a0').split(' ');
    const text = (i: number) => part[i]!.replaceAll('\u00a0', ' ');
    return {
      postalCode: text(0),
      prefecture: text(1),
      city: text(2),
      town: text(3),
      romaji: { town: text(4), city: text(5), prefecture: text(6) },
      areaCode: text(7),
    };
  });

export const BUILDINGS = [
  '中央ビル',
  '駅前第二ビル',
  '丸の内パークビル',
  '三和ビル',
  'グランドタワー',
  'サンシャインビル',
  '新大手町ビル',
  '第一生命ビルディング',
];
export const HOMES = [
  'メゾン青葉',
  'コーポ桜',
  'パレスハイツ',
  'グリーンハイム',
  'ハイツ若葉',
  'レジデンス緑',
];

export interface WesternPlace {
  country: WesternCountry;
  city: string;
  /** US: two letters. Others: none. */
  state: string;
  postalCode: string;
}

const west = `
US|New York|NY|10013
US|Brooklyn|NY|11201
US|Los Angeles|CA|90015
US|San Francisco|CA|94105
US|San Diego|CA|92101
US|Seattle|WA|98104
US|Portland|OR|97204
US|Chicago|IL|60606
US|Houston|TX|77002
US|Austin|TX|78701
US|Dallas|TX|75201
US|Phoenix|AZ|85004
US|Denver|CO|80202
US|Boston|MA|02110
US|Philadelphia|PA|19103
US|Atlanta|GA|30303
US|Miami|FL|33131
US|Minneapolis|MN|55402
US|Detroit|MI|48226
US|Columbus|OH|43215
US|Nashville|TN|37203
US|Charlotte|NC|28202
GB|London||EC2A 4BX
GB|London||SW1P 3JX
GB|Manchester||M2 5DB
GB|Birmingham||B3 2DT
GB|Leeds||LS1 4AP
GB|Glasgow||G2 4JR
GB|Edinburgh||EH2 4AD
GB|Bristol||BS1 5TR
GB|Cardiff||CF10 2AF
DE|Berlin||10117
DE|Hamburg||20095
DE|München||80331
DE|Köln||50667
DE|Frankfurt am Main||60313
DE|Stuttgart||70173
FR|Paris||75008
FR|Lyon||69002
FR|Marseille||13001
FR|Toulouse||31000
FR|Nantes||44000
`;

export const WESTERN_PLACES: WesternPlace[] = west
  .trim()
  .split('\n')
  .map((line) => {
    const [country, city, state, postalCode] = line.split('|');
    return { country: country as WesternCountry, city: city!, state: state!, postalCode: postalCode! };
  });

export const STREETS: Record<WesternCountry, string[]> = {
  US: [
    'Main Street',
    'Oak Avenue',
    'Maple Drive',
    'Park Avenue',
    'Washington Street',
    'Cedar Lane',
    'Elm Street',
  ],
  GB: ['High Street', 'Station Road', 'Church Lane', 'Victoria Road', 'Queen Street', 'Mill Lane'],
  DE: ['Hauptstraße', 'Bahnhofstraße', 'Gartenstraße', 'Schillerstraße', 'Lindenweg'],
  FR: ['rue de la République', 'avenue Victor Hugo', 'rue du Moulin', 'boulevard Voltaire', 'rue Pasteur'],
};

export const COUNTRY_NAMES: Record<'JP' | WesternCountry, string> = {
  JP: 'Japan',
  US: 'United States',
  GB: 'United Kingdom',
  DE: 'Germany',
  FR: 'France',
};

/** Area codes of North America; every number made is 555-01xx in one of them, the range kept for fiction. */
export const US_AREA_CODES = `
201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248 251 252 253 254
256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 323 325 330
334 336 337 339 347 351 352 360 361 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424 425 430 432
434 435 440 443 469 470 475 478 479 480 484 501 502 503 504 505 507 508 509 510 512 513 515 516 517 518 520 530 540 541
551 559 561 562 563 567 570 571 573 574 575 580 585 586 601 602 603 605 606 607 608 609 610 612 614 615 616 617 618 619
620 623 626 630 631 636 641 646 650 651 660 661 662 678 682 701 702 703 704 706 707 708 712 713 714 715 716 717 718 719
`
  .trim()
  .split(/\s+/);

/** Beginnings of the British numbers that Ofcom keeps for drama; three digits follow each. */
export const GB_FICTION = {
  land: `1134960 1144960 1154960 1164960 1174960 1184960 1214960 1314960 1414960 1514960 1614960 2079460 1914980 2920180
1632960`.split(/\s+/),
  mobile: ['7700900'],
};
