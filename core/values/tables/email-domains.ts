/** Mail providers open to anyone: their domain says nothing about a company. Subdomains count too. */
export const FREE_MAIL: ReadonlySet<string> = new Set(
  `gmail.com googlemail.com yahoo.com yahoo.co.jp yahoo.ne.jp ymail.ne.jp ymail.com outlook.com outlook.jp hotmail.com
hotmail.co.jp hotmail.co.uk live.com live.jp live.co.uk msn.com icloud.com me.com mac.com aol.com aol.jp protonmail.com proton.me gmx.com
gmx.net gmx.de web.de mail.com mail.ru yandex.ru yandex.com zoho.com fastmail.com qq.com 163.com 126.com naver.com daum.net excite.co.jp
infoseek.jp goo.jp goo.ne.jp mail.goo.ne.jp nifty.com nifty.ne.jp biglobe.ne.jp so-net.ne.jp ocn.ne.jp plala.or.jp dion.ne.jp
au.com auone.jp ezweb.ne.jp docomo.ne.jp softbank.ne.jp softbank.jp i.softbank.jp disney.ne.jp vodafone.ne.jp t.vodafone.ne.jp ymobile.ne.jp
willcom.com pdx.ne.jp wcm.ne.jp uqmobile.jp rakuten.jp rakumail.jp jcom.home.ne.jp jcom.zaq.ne.jp eonet.ne.jp hi-ho.ne.jp asahi-net.or.jp
comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net btinternet.com orange.fr wanadoo.fr free.fr laposte.net t-online.de libero.it`
    .trim()
    .split(/\s+/u),
);

/** Well-known slips of the finger. Whole domains only, so that no real company is corrected away. */
export const DOMAIN_SLIPS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'gmial.com': 'gmail.com',
    'gmai.com': 'gmail.com',
    'gamil.com': 'gmail.com',
    'gmail.co': 'gmail.com',
    'gmail.con': 'gmail.com',
    'gmal.com': 'gmail.com',
    'gnail.com': 'gmail.com',
    'gmaill.com': 'gmail.com',
    'gmail.co.jp': 'gmail.com',
    'gmail.cm': 'gmail.com',
    'gmail.cpm': 'gmail.com',
    'googlemail.com': 'gmail.com',
    'yaho.co.jp': 'yahoo.co.jp',
    'yahooo.co.jp': 'yahoo.co.jp',
    'yhaoo.co.jp': 'yahoo.co.jp',
    'yahoo.cojp': 'yahoo.co.jp',
    'yahoo.co': 'yahoo.co.jp',
    'yahho.co.jp': 'yahoo.co.jp',
    'yahoo.con': 'yahoo.com',
    'docomo.nejp': 'docomo.ne.jp',
    'docomo.co.jp': 'docomo.ne.jp',
    'docmo.ne.jp': 'docomo.ne.jp',
    'ezweb.nejp': 'ezweb.ne.jp',
    'ezwed.ne.jp': 'ezweb.ne.jp',
    'softbank.nejp': 'softbank.ne.jp',
    'hotmial.com': 'hotmail.com',
    'hotmail.con': 'hotmail.com',
    'outlok.com': 'outlook.com',
    'iclould.com': 'icloud.com',
    'icloud.con': 'icloud.com',
    'icoud.com': 'icloud.com',
  }),
);

/** Mailboxes of a function, not of a person. */
export const ROLE_LOCALS: ReadonlySet<string> = new Set(
  `info information sales support contact contacts inquiry inquiries toiawase otoiawase eigyo eigyou soumu somu jinji keiri koho kouhou
admin administrator webmaster postmaster hostmaster office mail reception uketsuke recruit recruiting recruitment saiyo saiyou hr jobs career careers marketing
press pr media help helpdesk service services customer customers cs order orders shop store honsha jimu jimukyoku kanri gyomu kikaku
billing accounts accounting accountspayable finance invoice invoices legal privacy security abuse team all everyone staff master web group enquiries hello
mailbox daihyo daihyou kaisha company tantou tantousha madoguchi soudan hanbai system kaihatsu shien newsletter news noc it
sales-info info-sales infomation general reservation reservations booking desk frontdesk concierge secretary koubai`
    .trim()
    .split(/\s+/u),
);

/** What people type when a form insists on an address. */
export const PLACEHOLDER_LOCALS: ReadonlySet<string> = new Set(
  `test tests testtest tester test1 test123 dummy none noemail nomail no-email no-mail noreply no-reply donotreply do-not-reply unknown na n/a xxx xxxx aaa aaaa
abc abcd asdf asdfasdf qwerty sample example user username fumei nashi aa a x xx null undefined nobody anonymous hoge foo bar foobar tekito tekitou me123 null0`
    .trim()
    .split(/\s+/u),
);

export const PLACEHOLDER_DOMAINS: ReadonlySet<string> = new Set(
  `test.com test.co.jp test.jp example.com example.org example.net example.co.jp example.jp nomail.com noemail.com none.com dummy.com
dummy.co.jp xxx.com xxx.co.jp aaa.com aaa.co.jp abc.com localhost invalid test sample.com sample.co.jp mailinator.com unknown.com no.com na.com hoge.com hoge.co.jp`
    .trim()
    .split(/\s+/u),
);
