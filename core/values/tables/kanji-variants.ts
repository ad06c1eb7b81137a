/**
 * Old, variant and easily confused kanji and the form that matching uses for them. Each pair is variant + common
 * form. Common knowledge of the 常用漢字 old forms (旧字体) and of variants frequent in Japanese family registers.
 * 斎 and 斉 are kept apart on purpose: two different characters, which only their reading brings together.
 */
const PAIRS = `
髙高 﨑崎 嵜崎 碕崎 邊辺 邉辺 齋斎 齊斉 龍竜 瀧滝 澤沢 廣広 濵浜 濱浜 國国 囯国 惠恵 嶋島 嶌島 桒桑 舘館 德徳 眞真 槇槙 曾曽
櫻桜 榮栄 學学 實実 寶宝 寳宝 條条 淺浅 淨浄 瀨瀬 萬万 與与 應応 圓円 鐵鉄 鉃鉄 顯顕 驛駅 黑黒 黃黄 橫横 靑青 淸清 靜静 增増 藏蔵
壽寿 豐豊 彌弥 檜桧 龜亀 薗園 岡岡 塚塚 晴晴 益益 羽羽 神神 祥祥 福福 靖靖 精精 隆隆 都都 飯飯 飼飼 館館 諸諸 逸逸 鶴鶴 祐祐 朗朗
亞亜 惡悪 壓圧 圍囲 醫医 壹壱 飮飲 隱隠 榮栄 營営 衞衛 鹽塩 緣縁 艷艶 奧奥 櫻桜 歐欧 毆殴 穩穏 假仮 價価 畫画 會会 懷懐 繪絵 擴拡 殼殻 覺覚 嶽岳
樂楽 渴渇 卷巻 陷陥 勸勧 寬寛 漢漢 關関 歡歓 觀観 氣気 歸帰 舊旧 據拠 擧挙 虛虚 峽峡 挾挟 狹狭 鄕郷 曉暁 區区 驅駆 勳勲 薰薫 徑径 莖茎 惠恵 揭掲 溪渓
經経 繼継 螢蛍 輕軽 鷄鶏 藝芸 擊撃 缺欠 儉倹 劍剣 圈圏 檢検 權権 獻献 硏研 縣県 險険 驗験 嚴厳 效効 廣広 恆恒 鑛鉱 號号 濟済 碎砕 劑剤 雜雑 參参 慘惨
棧桟 蠶蚕 贊賛 殘残 絲糸 齒歯 兒児 辭辞 濕湿 舍舎 寫写 釋釈 收収 從従 澁渋 獸獣 縱縦 肅粛 處処 緖緒 敍叙 將将 燒焼 稱称 證証 乘乗 剩剰 壤壌 孃嬢 讓譲
釀醸 觸触 囑嘱 愼慎 晉晋 寢寝 盡尽 圖図 粹粋 醉酔 穗穂 隨随 髓髄 樞枢 數数 聲声 竊窃 攝摂 專専 戰戦 潛潜 纖繊 踐践 錢銭 禪禅 祖祖 雙双 壯壮 搜捜 插挿
總総 聰聡 莊荘 裝装 騷騒 臟臓 卽即 屬属 續続 墮堕 對対 體体 帶帯 滯滞 臺台 擇択 擔担 單単 團団 彈弾 斷断 癡痴 遲遅 晝昼 蟲虫 鑄鋳 著著 廳庁 徵徴 聽聴
敕勅 鎭鎮 轉転 點点 傳伝 燈灯 當当 黨党 盜盗 稻稲 鬭闘 獨独 讀読 屆届 繩縄 貳弐 惱悩 腦脳 霸覇 廢廃 拜拝 賣売 麥麦 發発 髮髪 拔抜 蠻蛮 祕秘 濱浜 甁瓶
拂払 佛仏 竝並 變変 邊辺 辨弁 辯弁 瓣弁 步歩 寶宝 豐豊 沒没 飜翻 每毎 默黙 譯訳 藥薬 豫予 餘余 譽誉 搖揺 樣様 謠謡 來来 賴頼 亂乱 覽覧 龍竜 兩両 獵猟
綠緑 壘塁 淚涙 勵励 禮礼 隸隷 靈霊 齡齢 曆暦 歷歴 戀恋 練練 爐炉 勞労 樓楼 郞郎 祿禄 錄録 灣湾 凛凜 峯峰 埜野 苅刈 籐藤 渕淵 淵淵 渊淵 舩船 舟舟 舘館 辻辻 槗橋 𣘺橋
吉吉 𠮷吉 﨔欅 神神 冨富 富富 㟢崎 兎兎 兔兎 莵兎 昻昂 晧皓 緑緑 彥彦 濶闊 遙遥 堯尭 巖巌 凉涼 煕熙 熈熙 穰穣 萠萌 祿禄 琢琢 槌槌 薮藪 籔藪 蕋蕊 撿検 鴎鷗 頴穎 梼檮 祷禱 侭儘 繫繋 曻昇 桺柳 栁柳 栢柏 栁柳 柗松 枩松 杤栃 椙杉
壷壺 蝋蠟 蠣蛎 鯵鰺 噛嚙 攅攢 麹麴 麺麵 嘘噓 頬頰 剥剝 填塡 躯軀 掴摑 鹸鹼 屏屛 并幷 痩瘦 箪簞 繍繡 蒋蔣 醤醬 蝉蟬 掻搔 騨驒 顛顚 祢禰 瀆涜 繁繁 杜社`;

const map = new Map<string, string>();
for (const pair of PAIRS.trim().split(/\s+/u)) {
  const [variant, common] = [...pair];
  if (variant !== undefined && common !== undefined && variant !== common) map.set(variant, common);
}
// Ordinary characters that a careless pair above must never touch.
for (const common of ['杜', '淵', '舟', '緑', '富']) map.delete(common);

/** variant → common form */
export const KANJI_VARIANTS: ReadonlyMap<string, string> = map;
