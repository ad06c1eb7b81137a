import { slugOf } from '../../../api/demo/world/kana.ts';
import { GIVEN_FEMALE, GIVEN_MALE, SURNAMES } from '../../../api/demo/world/pools/japanese-names.ts';
import { WESTERN } from '../../../api/demo/world/pools/western-names.ts';
import { type Random, ranked } from '../../../api/demo/world/random.ts';
import { withoutAccents } from '../../../api/demo/world/text.ts';

export interface ListName {
  text: string;
  /** In plain Latin letters, as a mailbox has it. */
  latin: string;
}

const words = (text: string) => text.trim().split(/\s+/);
const kanji = (text: string): ListName[] =>
  words(text).map((entry) => ({
    text: entry.replace(/[a-z]+$/, ''),
    latin: entry.replace(/^[^a-z]+/, ''),
  }));

/** A million people have more names than a pool of the commonest holds: the tail is put together from halves. */
const SURNAME_HEADS = kanji(
  '山yama 川kawa 田ta 石ishi 木ki 水mizu 森mori 林hayashi 松matsu 竹take 梅ume 藤fuji 杉sugi 桜sakura 大oo 小o 中naka 高taka 長naga 古furu 新ara 白shiro 黒kuro 赤aka 青ao 東higashi 西nishi 南minami 北kita 上ue 下shimo 前mae 今ima 金kane 坂saka 岡oka 岩iwa 島shima 平hira 吉yoshi 福fuku 豊toyo 宮miya 寺tera 村mura 野no 荒ara 堀hori 塚tsuka 星hoshi',
);
const SURNAME_TAILS = kanji(
  '田da 本moto 村mura 川kawa 山yama 野no 原hara 島shima 崎saki 沢sawa 木ki 井i 口guchi 上kami 下shita 内uchi 谷tani 岡oka 橋hashi 森mori 林bayashi 部be 尾o 池ike 浦ura 倉kura 越koshi 瀬se 塚zuka 畑hata 宮miya 津tsu 見mi 丸maru 根ne 杉sugi 松matsu 石ishi 水mizu 辺be',
);
const GIVEN_HEADS = kanji(
  '健ken 大dai 和kazu 正masa 秀hide 雅masa 義yoshi 俊toshi 直nao 智tomo 裕yu 祐yu 英hide 康yasu 哲tetsu 隆taka 浩hiro 貴taka 友tomo 美mi 由yu 真ma 恵e 千chi 奈na 沙sa 麻ma 理ri 亜a 早sa 春haru 夏natsu 秋aki 明aki 陽haru 光mitsu 文fumi 幸yuki 久hisa 晴haru',
);
const GIVEN_TAILS = kanji(
  '一ichi 二ji 太ta 樹ki 也ya 介suke 平hei 人to 彦hiko 夫o 男o 雄o 志shi 司ji 郎ro 哉ya 斗to 之yuki 子ko 美mi 恵e 香ka 奈na 里ri 代yo 江e 菜na 穂ho 紀ki 帆ho 乃no 音ne 希ki 華ka',
);
const ENGLISH_HEADS = words(
  'Ash Black Brad Bright Brook Burn Clay Cold Crow Dal East Elm Far Field Ford Fair Glen Gold Gray Green Hart Hay High Hol Hum Kirk Lang Lin Long Mel Mill Nor North Oak Old Pen Red Rock Row Rush Sand Shel Silver South Stan Stone Strat Sut Thorn Wal War West Whit Wild Win Wood York',
);
const ENGLISH_TAILS = words(
  'bury by combe cott croft dale den don fell field ford gate grove ham hill hurst land ley low man mere mont more ridge shaw sley stead stoke ston ter thorpe ton wall ward water way well wick wood worth',
);
const FIRST_HEADS = words(
  'Al An Ar Bel Ber Cal Car Da De El Em Er Fe Ga Ge Ha Is Ja Jo Ka Ke La Le Lo Ma Mi Na No Or Pa Ra Ro Sa So Ta Te Va Vi Wy Ze',
);
const FIRST_TAILS = words(
  'bina bert cia cio dan den dra fred gan ia ian ina ira ko la lan len lena lia lin lina lon mar mina mon na nan nelle nia nora phia rah ric rina ron sha son ta tha tia ton tina vin vina wen xa',
);

const joined = (heads: ListName[], tails: ListName[]): ListName[] =>
  tails.flatMap((tail) =>
    heads.flatMap((head) =>
      head.text === tail.text ? [] : [{ text: head.text + tail.text, latin: head.latin + tail.latin }],
    ),
  );
const plain = (text: string): ListName => ({
  text,
  latin: withoutAccents(text)
    .toLowerCase()
    .replace(/[^a-z]/g, ''),
});
const built = (heads: string[], tails: string[]) =>
  tails.flatMap((tail) => heads.map((head) => plain(head + tail)));

/** Every name once, the commonest first. */
const once = (names: ListName[]) => [...new Map(names.map((name) => [name.text, name])).values()];
const japanese = (pool: { kanji: string; reading: string }[]) =>
  pool.map(({ kanji: text, reading }) => ({ text, latin: slugOf(reading) }));
const interleaved = <T>(a: T[], b: T[]) => a.flatMap((item, i) => (i < b.length ? [item, b[i]!] : [item]));

const POOLS = {
  japanese: {
    family: ranked(once([...japanese(SURNAMES), ...joined(SURNAME_HEADS, SURNAME_TAILS)]), 25),
    given: ranked(
      once([
        ...interleaved(japanese(GIVEN_MALE), japanese(GIVEN_FEMALE)),
        ...joined(GIVEN_HEADS, GIVEN_TAILS),
      ]),
      40,
    ),
  },
  western: {
    family: ranked(
      once([
        ...[WESTERN.US, WESTERN.GB, WESTERN.DE, WESTERN.FR].flatMap(({ family }) => family.map(plain)),
        ...built(ENGLISH_HEADS, ENGLISH_TAILS),
      ]),
      25,
    ),
    given: ranked(
      once([
        ...[WESTERN.US, WESTERN.GB, WESTERN.DE, WESTERN.FR].flatMap(({ given }) => given.map(plain)),
        ...built(FIRST_HEADS, FIRST_TAILS),
      ]),
      40,
    ),
  },
};

export function drawName(rng: Random, japanese: boolean): { family: ListName; given: ListName } {
  const pool = japanese ? POOLS.japanese : POOLS.western;
  return { family: pool.family(rng), given: pool.given(rng) };
}
