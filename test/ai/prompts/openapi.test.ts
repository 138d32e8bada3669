import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { promptsOpenApi } from '../../../core/ai/prompts/openapi.js'
import { open, SUMMARISE } from './helpers.js'

const TREE = {
  versions: {
    v1: {
      model: 'm',
      variables: {
        tree: {
          type: 'object',
          schema: { properties: { default: { $ref: '#/$defs/n' } }, $defs: { n: { type: 'number' } } }
        }
      },
      messages: [{ role: 'user', content: '{{tree}}' }],
      response: {
        schema: {
          $schema: 'https://json-schema.org/draft/2020-12/schema',
          type: 'object',
          properties: { node: { $ref: '#/$defs/node' } },
          $defs: {
            node: { type: 'object', properties: { names: { type: 'array', items: { $ref: '#/$defs/name' } } } },
            name: { type: 'string' }
          }
        }
      }
    }
  }
}

const OPTIONS = { title: 'Prompts', server: '/' }

t.test('the document of all prompts, and that of each, is valid OpenAPI 3.1', async t => {
  const { prompts } = open(t, { inline: { summarise: SUMMARISE, tree: TREE } })
  for (const some of [[...prompts.values()], ...[...prompts.values()].map(each => [each]), []]) {
    const document = JSON.parse(JSON.stringify(promptsOpenApi(some, OPTIONS)))
    const validator = new Validator()
    t.match(await validator.validate(document), { valid: true, errors: undefined })
    t.equal(validator.version, '3.1')
    t.doesNotThrow(() => validator.resolveRefs(), 'every reference leads somewhere')
  }
})

t.test('variables, labels and answers are in it, and references lead to where their schemas are', async t => {
  const { prompts } = open(t, { inline: { summarise: SUMMARISE, tree: TREE } })
  const document = JSON.parse(JSON.stringify(promptsOpenApi(prompts.values(), OPTIONS)))
  t.strictSame(Object.keys(document.paths), [
    '/prompts/summarise',
    '/prompts/summarise/versions/v1',
    '/prompts/summarise/versions/v2',
    '/prompts/tree',
    '/prompts/tree/versions/v1',
    '/feedback'
  ])
  const { post } = document.paths['/prompts/summarise']
  t.match(post.parameters, [
    { name: 'label', in: 'query', schema: { enum: ['production', 'staging'], default: 'production' } }
  ])
  const { schema } = post.requestBody.content['application/json']
  t.strictSame(schema.properties.variables, {
    anyOf: [
      { $ref: '#/components/schemas/summarise.v1.variables' },
      { $ref: '#/components/schemas/summarise.v2.variables' }
    ]
  })
  t.strictSame(document.components.schemas['summarise.v2.variables'].required, ['text'])
  const { schemas } = document.components
  t.equal(schemas['tree.v1.answer'].properties.node.$ref, '#/components/schemas/tree.v1.answer/$defs/node')
  t.equal(schemas['tree.v1.answer'].$schema, undefined)
})

t.test(
  'prompts and versions whose names look alike when they are put together have descriptions of their own',
  async t => {
    const prompt = (...versions: string[]) => {
      const all = versions.map(version => {
        const messages = [{ role: 'user', content: `{{${version.replace('.', '_')}}}` }]
        return [version, { model: 'm', variables: { [version.replace('.', '_')]: { type: 'string' } }, messages }]
      })
      return { labels: { production: versions[0] }, versions: Object.fromEntries(all) }
    }
    const inline = { a: prompt('v1', 'b.c', 'v1_x'), a_v1: prompt('x'), 'a.b': prompt('c') }
    const { prompts } = open(t, { inline })
    const { paths, components } = JSON.parse(JSON.stringify(promptsOpenApi(prompts.values(), OPTIONS)))
    const ids = Object.values<{ post: { operationId: string } }>(paths).map(({ post }) => post.operationId)
    t.equal(new Set(ids).size, ids.length, ids.join(' '))
    const variablesOf = (path: string) => {
      const { $ref } = paths[path].post.requestBody.content['application/json'].schema.properties.variables
      return Object.keys(components.schemas[$ref.replace('#/components/schemas/', '')].properties)
    }
    t.strictSame(variablesOf('/prompts/a/versions/b.c'), ['b_c'])
    t.strictSame(variablesOf('/prompts/a.b/versions/c'), ['c'])
  }
)

t.test('references by anchor lead to the schema they led to, also where two prompts have the same anchors', async t => {
  const refs = (type: string) => ({
    versions: {
      v1: {
        model: 'm',
        messages: [{ role: 'user', content: 'Hi' }],
        response: {
          schema: {
            type: 'object',
            properties: { one: { $ref: '#aa' }, 'a/b': { $anchor: 'bb', type }, two: { $ref: '#bb' } },
            $defs: { a: { $anchor: 'aa', type } }
          }
        }
      }
    }
  })
  const { prompts } = open(t, { inline: { one: refs('string'), two: refs('number') } })
  const document = JSON.parse(JSON.stringify(promptsOpenApi(prompts.values(), OPTIONS)))
  for (const name of ['one', 'two']) {
    const at = `#/components/schemas/${name}.v1.answer`
    const { one, two } = document.components.schemas[`${name}.v1.answer`].properties
    t.strictSame([one.$ref, two.$ref], [`${at}/$defs/a`, `${at}/properties/a~1b`])
  }
  const validator = new Validator()
  t.match(await validator.validate(document), { valid: true, errors: undefined })
  t.doesNotThrow(() => validator.resolveRefs())
})
