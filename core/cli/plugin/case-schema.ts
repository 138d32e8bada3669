import { Case } from './case.js'

/** JSON Schema (2020-12) of cases/*.json, for editors. */
export function caseJsonSchema(): object {
  const schema: object = JSON.parse(JSON.stringify(Case)) // without what TypeBox keeps beside the keywords
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'case.schema.json',
    title: 'A case of a Sluice plugin',
    ...schema
  }
}
