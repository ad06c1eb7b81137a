/** Western names by country, the most common first. */
const list = (text: string) => text.trim().split(/\s+/);

export interface WesternPool {
  family: string[];
  given: string[];
}

const ENGLISH_GIVEN = list(`
James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica
Thomas Sarah Christopher Karen Charles Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark Margaret Donald Ashley
Steven Kimberly Andrew Emily Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa George Deborah
Timothy Stephanie Ronald Rebecca Jason Sharon Edward Laura Jeffrey Cynthia Ryan Dorothy Jacob Amy Gary Kathleen
Nicholas Angela Eric Shirley Jonathan Emma Stephen Brenda Larry Pamela Justin Nicole Scott Anna Brandon Samantha
Benjamin Katherine Samuel Christine Gregory Helen Alexander Debra Patrick Rachel Frank Carolyn Raymond Janet Jack
Maria Dennis Olivia Jerry Heather Tyler Diane Aaron Julie Jose Joyce Adam Victoria Nathan Ruth Henry Virginia Zachary
Lauren Douglas Kelly Peter Christina Kyle Joan Noah Evelyn Ethan Judith Jeremy Andrea Walter Hannah Keith Megan
Christian Cheryl Roger Jacqueline Terry Martha Austin Madison Sean Teresa Gerald Gloria Carl Sara Dylan Janice
Harold Ann Jordan Kathryn Jesse Abigail Bryan Sophia Lawrence Frances Arthur Jean Gabriel Alice Bruce Judy Logan Isabella
`);

const US: WesternPool = {
  given: ENGLISH_GIVEN,
  family: list(`
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas
Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King
Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez
Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers Gutierrez Ortiz
Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez Wood Bennett Gray
Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez Powell Jenkins Perry Russell
Sullivan Bell Coleman Butler Henderson Barnes Fisher Vasquez Simmons Romero Jordan Patterson Alexander Hamilton Graham
Reynolds Griffin Wallace Moreno West Cole Hayes Bryant Herrera Gibson Ellis Tran Medina Stevens Murray Ford Castro
Marshall Owens Harrison Fernandez McDonald Woods Washington Kennedy Wells Vargas Henry Chen Freeman Webb Tucker Guzman
Burns Crawford Olson Simpson Porter Hunter Gordon Mendez Silva Shaw Snyder Mason Dixon Munoz Hunt Hicks Holmes Palmer
`),
};

const GB: WesternPool = {
  given: ENGLISH_GIVEN,
  family: list(`
Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White Roberts Green
Hall Wood Jackson Clarke Lewis Harris Cooper King Lee Martin Clark James Morgan Hughes Edwards Hill Moore Harrison Khan
Scott Young Morris Ward Turner Carter Phillips Mitchell Adams Campbell Anderson Allen Cook Bailey Parker Miller Davis
Murphy Price Bell Baker Griffiths Kelly Simpson Marshall Collins Bennett Cox Richardson Fox Gray Rose Chapman Hunt Shaw
Lloyd Ellis Stevens Mason Matthews Owen Knight Rogers Murray Webb Foster Graham O'Brien O'Neill MacDonald Fletcher
Whittaker Hargreaves Braithwaite Pemberton Wetherby Ashworth Entwistle Featherstone
`),
};

const DE: WesternPool = {
  given: list(`
Thomas Andrea Michael Sabine Andreas Claudia Peter Susanne Stefan Petra Christian Birgit Klaus Monika Jürgen Anja
Wolfgang Nicole Frank Stefanie Uwe Julia Markus Katrin Jörg Anna Daniel Martina Tobias Kerstin Jan Silke Matthias Heike
Florian Ursula Sebastian Lena Günther Hanna Björn Käthe Lukas Sophie Felix Marie Jonas Clara Maximilian Lea
`),
  family: list(`
Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder
Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner Schmitz Krause Meier Lehmann Köhler Maier König
Herrmann Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Vogel Friedrich Keller Günther Frank
Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin Vogt Jäger
`),
};

const FR: WesternPool = {
  given: list(`
Jean Marie Pierre Nathalie Michel Isabelle André Sylvie Philippe Catherine Alain Martine Bernard Christine Jacques
Françoise Daniel Valérie Nicolas Sandrine Julien Stéphanie Sébastien Céline Aurélie Émilie Frédéric Hélène Éric Véronique
Thomas Camille Antoine Léa Lucas Chloé Hugo Manon Louis Inès Gaëlle Benoît Jérôme Zoé Raphaël Élodie
`),
  family: list(`
Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefèvre Leroy Roux David Bertrand
Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Müller Lefebvre Faure André Mercier Blanc Guérin
Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu Gautier
Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun Blanchard Giraud Joly Rivière Hébert
`),
};

export const WESTERN = { US, GB, DE, FR };
export type WesternCountry = keyof typeof WESTERN;

/** Short forms people sign with. */
export const NICKNAMES: Record<string, string> = {
  Robert: 'Bob',
  William: 'Bill',
  Richard: 'Rick',
  Michael: 'Mike',
  Elizabeth: 'Liz',
  Jennifer: 'Jen',
  Christopher: 'Chris',
  Katherine: 'Kate',
  Kathryn: 'Kathy',
  Margaret: 'Maggie',
  Thomas: 'Tom',
  James: 'Jim',
  Joseph: 'Joe',
  Daniel: 'Dan',
  Matthew: 'Matt',
  Anthony: 'Tony',
  Steven: 'Steve',
  Andrew: 'Andy',
  Joshua: 'Josh',
  Kenneth: 'Ken',
  Timothy: 'Tim',
  Jeffrey: 'Jeff',
  Nicholas: 'Nick',
  Jonathan: 'Jon',
  Benjamin: 'Ben',
  Samuel: 'Sam',
  Gregory: 'Greg',
  Alexander: 'Alex',
  Patricia: 'Pat',
  Susan: 'Sue',
  Rebecca: 'Becky',
  Stephanie: 'Steph',
};
