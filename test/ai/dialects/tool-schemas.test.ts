import t from 'tap'
import type { ChatRequest, ChatTool } from '../../../core/ai/chat.js'
import { dialects } from '../../../core/ai/dialects/index.js'
import { providers } from '../../../core/ai/providers/index.js'
import { dropped } from '../dialect-parts.js'

/** Schemas of tools that some providers refuse: they get one that they take, and what is lost by it is named. */

// biome-ignore lint/suspicious/noExplicitAny: what was written is looked into freely
type Written = any

function sent(provider: string, model: string, chat: Partial<ChatRequest>): { body: Written; names: string[] } {
  const found = providers.find(({ name }) => name === provider)
  const dialect = found?.dialects('chat', model)[0]
  if (found === undefined || dialect === undefined) throw new Error(provider)
  const whole: ChatRequest = {
    model,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }],
    stream: false,
    extra: new Map(),
    ...chat
  }
  const drop = dropped()
  found.adapt?.(whole, drop, dialect)
  return { body: dialects.get(dialect)?.chat.writeRequest(whole, drop), names: drop.names }
}

const ONE = {
  type: 'object',
  properties: { id: { type: 'string' }, deep: { type: 'boolean' } },
  required: ['id', 'deep']
}
const OTHER = { type: 'object', properties: { id: { type: 'integer' }, name: { type: 'string' } }, required: ['id'] }
const TARGETS: Record<string, [provider: string, model: string, schemaOf: (body: Written) => Written]> = {
  Anthropic: ['anthropic', 'claude-sonnet-4-5', body => body.tools[0].input_schema],
  Bedrock: [
    'bedrock',
    'anthropic.claude-sonnet-4-5-20250929-v1:0',
    body => body.toolConfig.tools[0].toolSpec.inputSchema.json
  ],
  OpenAI: ['openai', 'gpt-5', body => body.tools[0].function.parameters],
  'OpenAI’s Responses': ['openai', 'gpt-5-pro', body => body.tools[0].parameters],
  Azure: ['azure-openai', 'gpt-4.1', body => body.tools[0].function.parameters]
}

for (const [target, [provider, model, schemaOf]] of Object.entries(TARGETS)) {
  const written = (parameters: ChatTool['parameters'], strict?: boolean) => {
    const { body, names } = sent(provider, model, { tools: [{ name: 'f', parameters, strict }] })
    return { schema: schemaOf(body), names }
  }

  t.test(`${target} gets alternatives at the root of a tool’s schema as one object`, async t => {
    for (const name of ['anyOf', 'oneOf']) {
      const { schema, names } = written({ type: 'object', [name]: [ONE, OTHER] })
      t.match(schema, {
        type: 'object',
        properties: { id: { anyOf: [{ type: 'string' }, { type: 'integer' }] }, deep: ONE.properties.deep, name: {} },
        required: ['id']
      })
      t.equal(schema[name], undefined)
      t.match(schema.description, `{${name}: [`, 'the model reads them all the same')
      t.strictSame(names, [`tools[0].parameters.${name}`])
    }
    const bounds = {
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }]
    }
    t.match(written(bounds).schema, { type: 'object', properties: bounds.properties, required: undefined })
    t.strictSame(written({ anyOf: [{ type: 'string' }, { type: 'null' }] }).names, ['tools[0].parameters.anyOf'])
  })

  t.test(`${target} gets what is in allOf, a reference or a single alternative without loss`, async t => {
    const $defs = { One: ONE }
    for (const parameters of [{ allOf: [ONE] }, { anyOf: [ONE] }, { $ref: '#/$defs/One', $defs }]) {
      const { schema, names } = written(parameters)
      t.match(schema, ONE)
      t.strictSame([schema.allOf, schema.anyOf, schema.$ref], [undefined, undefined, undefined])
      t.strictSame(names, [])
    }
    const closed = { additionalProperties: false }
    const { schema, names } = written({
      allOf: [
        { ...ONE, ...closed },
        { ...OTHER, ...closed }
      ]
    })
    t.strictSame(schema, {
      type: 'object',
      properties: { ...ONE.properties, ...OTHER.properties, id: { allOf: [{ type: 'string' }, { type: 'integer' }] } },
      required: ['id', 'deep']
    })
    t.strictSame(names, [])
  })

  t.test(
    `${target} gets an object where a tool’s schema is something else, or a reference that has no end`,
    async t => {
      const { schema, names } = written({ type: 'array', items: { type: 'string' } })
      t.match(schema, { type: 'object', properties: {} })
      t.strictSame(names, ['tools[0].parameters.type'])
      const endless = { $ref: '#/$defs/A', $defs: { A: { $ref: '#/$defs/A' } } }
      t.strictSame(written(endless).names, ['tools[0].parameters.$ref'])
      const listed = {
        type: 'object',
        properties: { a: { type: 'string' } },
        enum: [{ a: '1' }],
        not: { required: ['b'] }
      }
      t.strictSame(written(listed).names, ['tools[0].parameters.enum', 'tools[0].parameters.not'])
    }
  )

  t.test(`${target} gets alternatives below the root as they are`, async t => {
    const parameters = { type: 'object', properties: { a: { anyOf: [{ type: 'string' }, { type: 'null' }] } } }
    t.strictSame(written(parameters), { schema: parameters, names: [] })
  })
}

t.test('a provider of OpenAI’s dialect that may take alternatives gets them', async t => {
  const { body, names } = sent('vllm', 'm', { tools: [{ name: 'f', parameters: { anyOf: [ONE, OTHER] } }] })
  t.match(body.tools[0].function.parameters, { anyOf: [ONE, OTHER] })
  t.strictSame(names, [])
})

t.test('Gemini is not told to require what no property is, nor of an empty text among others', async t => {
  const kinds = {
    type: 'object',
    properties: { kind: { type: 'string', enum: ['', 'a'] }, none: { type: 'string', enum: [''] } }
  }
  const parameters = { ...kinds, required: ['kind', 'gone'] }
  const response_format = { type: 'json_schema' as const, name: 'x', schema: { ...ONE, required: ['gone'] } }
  const { body, names } = sent('gemini', 'gemini-2.5-pro', { tools: [{ name: 'f', parameters }] })
  t.strictSame(body.tools[0].functionDeclarations[0].parameters, {
    type: 'object',
    properties: { kind: { type: 'string', enum: ['a'] }, none: { type: 'string' } },
    required: ['kind']
  })
  t.strictSame(names, ['tools[0].parameters.enum', 'tools[0].parameters.required'])
  const answer = sent('gemini', 'gemini-2.5-pro', { response_format })
  t.equal(answer.body.generationConfig.responseSchema.required, undefined)
  t.strictSame(answer.names, ['response_format.schema.required'])

  const map = { type: 'object', additionalProperties: { ...kinds, required: ['gone'] }, properties: {} }
  const lossy = sent('gemini', 'gemini-2.5-pro', { tools: [{ name: 'f', parameters: map }] })
  t.strictSame(lossy.body.tools[0].functionDeclarations[0].parametersJsonSchema, {
    ...map,
    additionalProperties: {
      type: 'object',
      properties: { kind: { type: 'string', enum: ['a'] }, none: { type: 'string' } }
    }
  })
  const inParts = { allOf: [{ required: ['id'] }, { type: 'object', properties: { id: { type: 'string' } } }] }
  const merged = sent('gemini', 'gemini-2.5-pro', { tools: [{ name: 'f', parameters: inParts }] })
  t.match(merged.body.tools[0].functionDeclarations[0].parameters, { required: ['id'] })
  t.strictSame(merged.names, [], 'it is known where the parts are together')
})
