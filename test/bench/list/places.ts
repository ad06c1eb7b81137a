import { JAPANESE_PLACES } from '../../../api/demo/world/pools/places.ts';
import { type Random, ranked } from '../../../api/demo/world/random.ts';
import { CITY_PREFECTURE } from '../../../core/values/tables/places.ts';

export interface ListPlace {
  postal: string;
  region: string;
  city: string;
  town: string;
  number: string;
  building: string;
}

const words = (text: string) => text.trim().split(/\s+/);
const TOWNS = words(
  '本町 栄町 中央 緑町 東町 西町 南町 北町 新町 大手町 旭町 若松町 桜町 幸町 泉町 元町 末広町 錦町 寿町 曙町 高砂町 千代田 富士見 宮町 八幡 柳町 松原 青葉台 美園 日の出町 港町 川端町 花園 大橋 天神 平和 昭和町 住吉町 弥生町 梅田 原町 小川町 金山 上野 鶴見 豊町 稲荷町 永楽町 常盤 白山',
);
const HOMES = ['グリーンハイツ', 'メゾン', 'コーポ', 'パークサイド', 'サンライズ', 'ハイム'];
const CITIES = [
  ...JAPANESE_PLACES.map(({ prefecture, city, postalCode }) => ({
    region: prefecture,
    city,
    head: postalCode.slice(0, 3),
  })),
  ...[...CITY_PREFECTURE]
    .filter(([city]) => !JAPANESE_PLACES.some((known) => known.city.startsWith(city)))
    .map(([city, region], i) => ({ region, city, head: String(100 + ((i * 37) % 880)) })),
];
const cityOf = ranked(CITIES, 20);

const STATES = words('CA TX FL NY PA IL OH GA NC MI NJ VA WA AZ MA TN IN MO MD WI CO MN SC AL LA KY OR OK');
const US_CITIES = words(
  'Springfield Franklin Clinton Greenville Bristol Fairview Salem Madison Georgetown Arlington Ashland Dover Oxford Jackson Burlington Manchester Milton Newport Auburn Centerville Clayton Dayton Lexington Milford Riverside Cleveland Kingston Mount_Vernon Oakland Winchester Hudson Marion Lebanon Monroe Princeton Troy Warren Windsor Concord Camden',
);
const STREETS = words(
  'Main Oak Pine Maple Cedar Elm View Washington Lake Hill Walnut Spring North Ridge Church Willow Mill River Sunset Railroad Jefferson Center Park Highland Forest Jackson Meadow Franklin Chestnut Lincoln College Birch Dogwood Hickory Holly Juniper Laurel Locust Magnolia Poplar',
);
const KINDS = ['Street', 'Avenue', 'Road', 'Drive', 'Lane', 'Court'];
const usCityOf = ranked(
  STATES.flatMap((state, s) =>
    US_CITIES.map((city, c) => ({
      region: state,
      city: city.replace('_', ' '),
      head: String(10000 + ((s * 41 + c) * 61 + 17)).slice(0, 5),
    })),
  ),
  60,
);

export function drawPlace(rng: Random, japanese: boolean): ListPlace {
  if (!japanese) {
    const { region, city, head } = usCityOf(rng);
    const unit = rng.chance(0.25) ? `Apt ${1 + rng.int(40)}` : '';
    return {
      postal: head,
      region,
      city,
      town: `${rng.pick(STREETS)} ${rng.pick(KINDS)}`,
      number: String(1 + rng.int(2400)),
      building: unit,
    };
  }
  const { region, city, head } = cityOf(rng);
  const town = rng.int(TOWNS.length);
  return {
    postal: `${head}-${String(town * 17 + 1).padStart(4, '0')}`,
    region,
    city,
    town: TOWNS[town]!,
    number: `${1 + rng.int(6)}-${1 + rng.int(30)}-${1 + rng.int(28)}`,
    building: rng.chance(0.4) ? `${rng.pick(HOMES)}${1 + rng.int(9)}0${1 + rng.int(9)}` : '',
  };
}

/** As one of several people would type it. */
export function spellStreet(rng: Random, { town, number, building }: ListPlace, japanese: boolean): string {
  if (!japanese) {
    const street = `${number} ${town}`;
    const short = rng.chance(0.3)
      ? street.replace('Street', 'St').replace('Avenue', 'Ave').replace('Road', 'Rd')
      : street;
    return building !== '' && rng.chance(0.8) ? `${short}, ${building}` : short;
  }
  const [block, lot, house] = number.split('-');
  const written = rng.chance(0.3) ? `${block}丁目${lot}番${house}号` : number;
  return `${town}${written}${building !== '' && rng.chance(0.7) ? ` ${building}` : ''}`;
}
