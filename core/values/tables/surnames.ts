/**
 * Common surnames by frequency class: the share of people who bear a name of the class, roughly (general knowledge
 * of published rankings, rounded). What is not listed counts as rare. A list's own frequencies replace these in
 * batch matching.
 */
export const SURNAME_CLASSES: readonly { share: number; names: string }[] = [
  { share: 0.013, names: '佐藤 鈴木 高橋 田中' },
  { share: 0.008, names: '伊藤 渡辺 山本 中村 小林 加藤' },
  { share: 0.005, names: '吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 斉藤 清水' },
  {
    share: 0.003,
    names:
      '山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川 前田 岡田 長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本',
  },
  {
    share: 0.002,
    names:
      '福田 太田 西村 藤井 金子 岡本 藤原 中野 三浦 原田 中川 松田 竹内 小野 田村 中山 和田 石田 森田 上田 原 内田 柴田 酒井 宮崎 横山 高木 安藤 宮本 大野 小島 工藤 谷口 今井 高田 増田 丸山 杉山 村田 大塚 新井 小山 平野 藤本 河野 上野 野口 武田 松井 千葉 菅原 岩崎 久保 木下 佐野 野村 松尾 菊地 市川 杉本 古川 大西 島田 水野 桜井 高野 渡部 吉川 山内 西田 飯田 菊池 西川 小松 北村 安田 五十嵐 川口 平田 関 中田 久保田 服部 東 岩田 土屋 川崎 福島 本田 辻 樋口 秋山 田口 永井 山中 中西 吉村 川上 石原 大橋 松岡 馬場 浜田 森本 星野 矢野 浅野 大島 松下 大久保 吉岡 小池 野田 荒井 熊谷 松浦 大谷 内藤 黒田 尾崎 川村 永田 望月 松村 田辺 菅野 荒木 堀 大石 西山 小西 平井 広瀬 本間 早川 横田 白井 松原 小沢 菅 大川 片山 増井 柳田',
  },
  {
    share: 0.0007,
    names:
      '上原 東山 須藤 宮下 関口 榎本 土井 福井 成田 小田 岡崎 伊東 児玉 須田 奥村 三宅 宮田 富田 中沢 村山 飯島 松永 平山 小泉 大森 萩原 内山 岡村 岸 松崎 沢田 三上 三好 桑原 片岡 栗原 小野寺 沢井 大城 金城 比嘉 根本 坂井 竹田 大沢 田島 金井 古賀 上村 竹中 川島 今村 河合 青山 佐久間 黒木 高山 向井 牧野 西 南 江口 大山 稲垣 滝沢 細川 堀内 塚本 宮川 秋元 石橋 森下 若林 神田 八木 安達 足立 田代 武藤 入江 今野 杉浦 長田 柏木 篠原 相馬 相沢 天野 植田 梅田 榊原 岩本 千田 白石 平松 笠原 河村 川端 川田 北川 久米 栗田 黒川 後藤田 坂口 坂田 笹川 志村 進藤 末永 瀬戸 高島 高井 竹下 谷 谷川 津田 堤 戸田 豊田 永野 中尾 中井 中谷 長島 長野 西尾 西岡 根岸 野中 野崎 花田 浜口 早坂 日高 平川 深沢 福岡 福本 藤川 藤村 古田 星 堀江 前川 松山 三木 三村 水谷 宮沢 村井 村松 森川 森山 矢島 柳 山岸 山根 吉原 吉沢 米田 渡会 鎌田 小笠原 冨田 大竹 大内 岡野 落合 織田 加賀 梶原 香川 神谷 神崎 岸本 北野 窪田 倉田 小宮 佐伯 佐川 塩田 庄司 杉田 田原 田畑 武井 津村 徳永 西野 西本 丹羽 沼田 野沢 畠山 原口 樋渡 平岡 藤沢 本多 町田 宮原 宮内 村瀬 室井 茂木 門脇 山川 山岡 山村 山野 結城 横井 吉野 脇田',
  },
  { share: 0.01, names: 'smith' },
  { share: 0.006, names: 'johnson williams brown jones wang li zhang liu chen kim lee nguyen garcia' },
  {
    share: 0.003,
    names:
      'miller davis wilson taylor rodriguez martinez anderson thomas hernandez moore martin jackson thompson white lopez park patel singh khan müller schmidt',
  },
  {
    share: 0.0015,
    names:
      'gonzalez harris clark lewis robinson walker perez hall young allen sanchez wright king scott green baker adams nelson hill ramirez campbell mitchell roberts carter phillips evans turner torres parker collins edwards stewart flores morris murphy rivera cook rogers morgan peterson cooper reed bailey bell gomez kelly howard ward cox diaz richardson wood watson brooks bennett gray james reyes cruz hughes price myers long foster sanders ross morales powell sullivan russell ortiz jenkins gutierrez perry butler barnes fisher',
  },
];
