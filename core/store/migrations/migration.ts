/** One step of the schema. Statements end with `;` at the end of a line. Never edited once released. */
export interface Migration {
  name: string;
  sql: string;
}
