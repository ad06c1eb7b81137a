/** Western given names and their everyday forms; the first is the full one. Each line is one set. */
export const NICKNAMES = `
robert rob bob bobby robbie bert
william will bill billy liam willie
richard rich rick dick ricky
james jim jimmy jamie
john jon johnny jack
jonathan jon john jonny
michael mike mick mickey mikey
thomas tom tommy
joseph joe joey
charles charlie chuck chas
christopher chris kit
christine christina chris tina chrissy
daniel dan danny
david dave davey
edward ed eddie ted ned teddy
andrew andy drew
anthony tony ant
alexander alex al sandy xander
alexandra alex sandra alexa
elizabeth liz beth betty eliza lizzie bess libby elsie
margaret maggie meg peggy greta madge marge
catherine kate cathy katie kathy katherine kathryn cath
katherine kate kathy katie kat
patricia pat patty tricia trish
patrick pat paddy
jennifer jen jenny
jessica jess jessie
rebecca becca becky
deborah debbie deb debra
susan sue susie suzanne
barbara barb babs
stephen steve stevie steven
stephanie steph
samuel sam sammy
samantha sam sammy
benjamin ben benny
matthew matt matty
nicholas nick nicky
nicole nicky nikki
timothy tim timmy
gregory greg
jeffrey jeff geoffrey geoff
kenneth ken kenny
lawrence larry laurence
leonard leo len lenny
ronald ron ronnie
donald don donnie
douglas doug
frederick fred freddie
francis frank
franklin frank
george georgie
gerald gerry jerry
harold harry hal
henry harry hank
isabella isabel bella izzy
jacob jake
joshua josh
kimberly kim
laura laurie
lillian lily lil
madeline maddie madeleine
mary molly polly maria marie
nathaniel nathan nate nat
olivia liv livvy
peter pete
philip phil phillip
raymond ray
rosemary rose rosie
sarah sally sara
theodore ted theo teddy
theresa terry tess teresa
victoria vicky tori
vincent vince vinny
virginia ginny
walter walt wally
zachary zach zack
abigail abby gail
amanda mandy
angela angie
arthur art artie
cynthia cindy
dorothy dot dottie
eleanor ellie nell nora
emily em emmy
eugene gene
florence flo
gabriel gabe
gabrielle gabby
jacqueline jackie
joanne jo joanna
judith judy
martin marty
maximilian max
maxwell max
melissa mel missy
natalie nat
oliver ollie
pamela pam
rachel rach
russell russ
sebastian seb
simon si
valerie val
yvonne eve`;
