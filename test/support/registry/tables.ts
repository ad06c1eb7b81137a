/** Nothing here is shared with api/demo/world: judge matching by these, tune it by others. */

/** kanji kana romaji */
const triples = (text: string) =>
  text
    .trim()
    .split('\n')
    .flatMap((line) => line.trim().split(/\s{2,}/u))
    .map((cell) => cell.split(' ') as [kanji: string, kana: string, romaji: string]);

/** Every head with every tail, beside those that are listed. */
function compose(heads: string, tails: string, listed: ReturnType<typeof triples>) {
  const [front, back] = [triples(heads), triples(tails)];
  return [
    ...listed,
    ...front.flatMap((x) =>
      back.map((y) => x.map((part, i) => part + (i === 2 ? y[i]!.toLowerCase() : y[i])) as typeof x),
    ),
  ];
}

const LISTED_SURNAMES = triples(`
  桐生 キリュウ Kiryu  曽根 ソネ Sone  渡辺 ワタナベ Watanabe  小野寺 オノデラ Onodera  片桐 カタギリ Katagiri  向井 ムカイ Mukai
  榎本 エノモト Enomoto  高柳 タカヤナギ Takayanagi  斎木 サイキ Saiki  浜野 ハマノ Hamano  沢口 サワグチ Sawaguchi  国枝 クニエダ Kunieda
  広岡 ヒロオカ Hirooka  桜庭 サクラバ Sakuraba  滝沢 タキザワ Takizawa  大貫 オオヌキ Onuki  小泉 コイズミ Koizumi  佐久間 サクマ Sakuma
  中村 ナカムラ Nakamura  山本 ヤマモト Yamamoto  田中 タナカ Tanaka  伊藤 イトウ Ito  吉田 ヨシダ Yoshida  加藤 カトウ Kato
  白鳥 シラトリ Shiratori  久我 クガ Kuga  諸星 モロボシ Moroboshi  神宮寺 ジングウジ Jinguji  宇佐美 ウサミ Usami  津田 ツダ Tsuda
  戸塚 トツカ Totsuka  塩見 シオミ Shiomi  柏木 カシワギ Kashiwagi  有馬 アリマ Arima  槇原 マキハラ Makihara  黒川 クロカワ Kurokawa
  深沢 フカザワ Fukazawa  三枝 サエグサ Saegusa  日下部 クサカベ Kusakabe  早川 ハヤカワ Hayakawa  真鍋 マナベ Manabe  矢沢 ヤザワ Yazawa`);

const LISTED_GIVEN = triples(`
  悠真 ユウマ Yuma  涼子 リョウコ Ryoko  和也 カズヤ Kazuya  千尋 チヒロ Chihiro  慎吾 シンゴ Shingo  麻衣 マイ Mai  貴史 タカシ Takashi
  沙織 サオリ Saori  光雄 ミツオ Mitsuo  節子 セツコ Setsuko  竜也 タツヤ Tatsuya  奈緒 ナオ Nao  隼人 ハヤト Hayato  彩乃 アヤノ Ayano
  雅彦 マサヒコ Masahiko  久美 クミ Kumi  伸一 シンイチ Shinichi  菜摘 ナツミ Natsumi  哲夫 テツオ Tetsuo  遥 ハルカ Haruka
  栄治 エイジ Eiji  美咲 ミサキ Misaki  宏樹 ヒロキ Hiroki  智美 トモミ Tomomi  祐介 ユウスケ Yusuke  理恵 リエ Rie  勝 マサル Masaru
  真琴 マコト Makoto  順子 ジュンコ Junko  孝之 タカユキ Takayuki  陽菜 ヒナ Hina  大地 ダイチ Daichi  香織 カオリ Kaori  秀明 ヒデアキ Hideaki`);

export const SURNAMES = compose(
  `大 オオ O  小 コ Ko  上 カミ Kami  西 ニシ Nishi  東 ヒガシ Higashi  南 ミナミ Minami  古 フル Furu  岩 イワ Iwa  松 マツ Matsu  竹 タケ Take
   杉 スギ Sugi  藤 フジ Fuji  森 モリ Mori  石 イシ Ishi  平 ヒラ Hira`,
  `川 カワ kawa  田 タ ta  山 ヤマ yama  野 ノ no  原 ハラ hara  村 ムラ mura  本 モト moto  井 イ i  島 シマ shima  沢 サワ sawa  谷 タニ tani
   崎 サキ saki  浦 ウラ ura  橋 ハシ hashi`,
  LISTED_SURNAMES,
);
export const GIVEN = compose(
  `健 ケン Ken  幸 ユキ Yuki  正 マサ Masa  和 カズ Kazu  孝 タカ Taka  秀 ヒデ Hide  智 トモ Tomo  明 アキ Aki  春 ハル Haru  義 ヨシ Yoshi`,
  `一 イチ ichi  子 コ ko  美 ミ mi  夫 オ o  彦 ヒコ hiko  恵 エ e  人 ト to  也 ヤ ya  奈 ナ na  香 カ ka`,
  LISTED_GIVEN,
);

/** Forms that one and the same character has. */
export const VARIANTS: [string, string][] = [
  ['辺', '邊'],
  ['高', '髙'],
  ['斎', '齋'],
  ['浜', '濵'],
  ['沢', '澤'],
  ['国', '國'],
  ['広', '廣'],
  ['桜', '櫻'],
  ['滝', '瀧'],
];

export const WEST_SURNAMES =
  `Abernathy Blackwood Castellano Dunleavy Eastwick Fairbanks Grimaldi Hollingsworth Iverson Jankowski Kowalczyk Lindqvist
McAllister Nakagawa Okafor Pemberton Quintana Rasmussen Sutherland Thibodeaux Underhill Vandermeer Whitcomb Yarborough Zimmerman Ashworth
Beaumont Cartwright Delacroix Ellsworth Fitzgerald Gallagher Haverford Lockhart Montgomery Ostrowski Prescott Ridgeway Standish Trevino
Brown Miller Davis Johnson Wilson Taylor Moore Clark Lewis Walker`.split(/\s+/u);

/** A name, and what its bearers are called. */
export const WEST_GIVEN =
  `Alexander/Alex Benjamin/Ben Catherine/Cathy Deborah/Debbie Edward/Ed Frederick/Fred Gregory/Greg Heather Isaac Jennifer/Jenny
Kenneth/Ken Lawrence/Larry Margaret/Maggie Nicholas/Nick Olivia Patricia/Pat Quentin Rebecca/Becky Samantha/Sam Theodore/Ted Ursula Victoria/Vicky
William/Bill Yvonne Zachary/Zach Abigail/Abby Christopher/Chris Daniel/Dan Elizabeth/Liz Timothy/Tim Matthew/Matt Stephanie/Steph Joshua/Josh
Priscilla Raymond/Ray Suzanne/Sue Anthony/Tony Beatrice/Bea Charlotte Douglas/Doug`
    .split(/\s+/u)
    .map((cell) => cell.split('/'));

export const WEST_CITIES =
  `Leeds Bristol Norwich Plymouth Dundee Swansea Coventry Exeter Durham Preston Lincoln Oxford`.split(' ');
export const MAIL_HOSTS = ['posteo.example', 'inbox.example', 'mailhub.example', 'fastpost.example'];

export const STREETS =
  `Kingfisher Larkspur Mulberry Nightingale Osprey Primrose Quarry Redwood Sycamore Thistle Umber Violet Wisteria Yarrow Aspen Bramble Clover`.split(
    ' ',
  );
export const STREET_KINDS: [string, string][] = [
  ['Street', 'St.'],
  ['Avenue', 'Ave'],
  ['Road', 'Rd'],
  ['Boulevard', 'Blvd'],
  ['Lane', 'Ln'],
];

/** What an organisation with several sites calls itself, and what its sites are. */
export const AGENCIES =
  `Bridgewater Copperfield Elmhurst Foxglove Glenhaven Hartwell Inverness Kirkwood Lakeland Millbrook Northgate Oakridge Pinecrest Riverside Stonegate Thornbury Wexford Ashgrove Brookfield Calverton`.split(
    ' ',
  );
export const AGENCY_KINDS = [
  'Family Services',
  'Community Health Centre',
  'Learning Foundation',
  'Library Association',
  'Youth Centers',
  'Housing Society',
];
export const SITE_WORDS =
  `Dolphin Meteor Compass Lighthouse Sunflower Rainbow Treehouse Starling Beacon Horizon Pioneer Cornerstone Evergreen Harmony Discovery Summit Juniper Willow Cobalt Marigold`.split(
    ' ',
  );

/** 町名 and ward, with the postal code's beginning. */
export const TOWNS: [pref: string, city: string, town: string, postal: string][] = [
  ['東京都', '台東区', '蔵前', '1110051'],
  ['東京都', '目黒区', '碑文谷', '1520003'],
  ['神奈川県', '川崎市中原区', '木月', '2110025'],
  ['愛知県', '名古屋市千種区', '今池', '4640850'],
  ['大阪府', '吹田市', '江坂町', '5640063'],
  ['京都府', '宇治市', '広野町', '6110031'],
  ['兵庫県', '西宮市', '甲子園口', '6638113'],
  ['福岡県', '福岡市早良区', '西新', '8140002'],
  ['北海道', '札幌市豊平区', '月寒東', '0620051'],
  ['宮城県', '仙台市泉区', '八乙女', '9813112'],
  ['広島県', '広島市西区', '己斐本町', '7330812'],
  ['静岡県', '浜松市中央区', '佐鳴台', '4328021'],
];

export const FIRM_HEADS = triples(`
  雷鳥 ライチョウ Raicho  瑞穂野 ミズホノ Mizuhono  碧海 ヘキカイ Hekikai  白樺 シラカバ Shirakaba  暁星 ギョウセイ Gyosei  銀河 ギンガ Ginga
  千歳 チトセ Chitose  竹林 タケバヤシ Takebayashi  朝凪 アサナギ Asanagi  常盤 トキワ Tokiwa  松風 マツカゼ Matsukaze  八雲 ヤクモ Yakumo
  天竜 テンリュウ Tenryu  飛鳥 アスカ Asuka  若葉 ワカバ Wakaba  藤波 フジナミ Fujinami  黎明 レイメイ Reimei  渓流 ケイリュウ Keiryu`);
export const FIRM_TAILS = triples(`
  精密 セイミツ Seimitsu  製菓 セイカ Seika  運輸 ウンユ Unyu  建材 ケンザイ Kenzai  印刷 インサツ Insatsu  電機 デンキ Denki  薬品 ヤクヒン Yakuhin
  織物 オリモノ Orimono  鋼管 コウカン Kokan  酒造 シュゾウ Shuzo  農園 ノウエン Noen  計器 ケイキ Keiki  商会 ショウカイ Shokai`);
