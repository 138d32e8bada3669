import type { JsonObject } from '../members.js'
import type { CompiledPrompt } from './library.js'
import { COMPLETION, FEEDBACK, FEEDBACK_REPLY, PROBLEM, STREAM_DESCRIPTION } from './openapi-parts.js'
import { SchemaParts } from './openapi-schemas.js'

export interface OpenApiOptions {
  readonly title: string
  /** Where the prompts are served, "https://ai.example.com" or a path like "/ai". */
  readonly server: string
}

/** The OpenAPI 3.1 document of these prompts: one, or all of them. */
export function promptsOpenApi(prompts: Iterable<CompiledPrompt>, { title, server }: OpenApiOptions): JsonObject {
  const schemas = new SchemaParts({ Problem: PROBLEM, Feedback: FEEDBACK, FeedbackReply: FEEDBACK_REPLY })
  const paths: JsonObject = {}
  for (const prompt of [...prompts].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = prompt
    const labels = [...prompt.labels.keys()]
    paths[`/prompts/${name}`] = {
      post: {
        ...callOf(name, prompt.description, reachable(prompt), schemas),
        operationId: joined('_', 'prompt', name),
        ...(labels.length > 0 && { parameters: [labelParameter(labels, prompt.defaultLabel)] })
      }
    }
    for (const version of prompt.versions.values()) {
      paths[`/prompts/${name}/versions/${version.name}`] = {
        post: {
          ...callOf(name, version.definition.description ?? prompt.description, [version], schemas),
          operationId: joined('_', 'prompt', name, version.name)
        }
      }
    }
  }
  paths['/feedback'] = { post: feedbackOperation() }
  return {
    openapi: '3.1.0',
    info: { title, version: '1' },
    servers: [{ url: server }],
    security: [{ key: [] }],
    paths,
    components: {
      schemas: schemas.all,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'As the policies of the route want it.' }
      }
    }
  }
}

/** Names as one, which no others are: where the separator is part of a name it is doubled, and every name begins with a letter. */
function joined(separator: '.' | '_', ...names: readonly string[]): string {
  return names.map(name => name.replaceAll(separator, separator + separator)).join(separator)
}

type Version = CompiledPrompt['versions'] extends ReadonlyMap<string, infer V> ? V : never

/** The versions that a call may be answered by, without one asked for. */
function reachable({ versions, labels }: CompiledPrompt): Version[] {
  const found = new Set([...labels.values()].flatMap(arms => arms.map(({ version }) => version)))
  return found.size === 0 ? [...versions.values()] : [...found]
}

function callOf(name: string, description: string | undefined, versions: readonly Version[], schemas: SchemaParts) {
  const variables = schemas.anyOf(
    versions.map(each => schemas.add(joined('.', name, each.name, 'variables'), each.variables.schema))
  )
  const optional = versions.every(
    ({ variables: { schema } }) => Array.isArray(schema.required) && schema.required.length === 0
  )
  const body = {
    type: 'object',
    properties: {
      variables,
      stream: { type: 'boolean', default: false },
      metadata: { type: 'object', additionalProperties: { type: 'string' } },
      user: { type: 'string', description: 'The end user: gets the same version every time.' }
    },
    required: optional ? [] : ['variables'],
    additionalProperties: false
  }
  const answers = versions.map(each => {
    const { response } = each.definition
    const answer = response && schemas.add(joined('.', name, each.name, 'answer'), response.schema)
    return answer === undefined ? COMPLETION : { ...COMPLETION, properties: { ...COMPLETION.properties, json: answer } }
  })
  return {
    summary: `Call the prompt "${name}"`,
    ...(description !== undefined && { description }),
    tags: ['prompts'],
    requestBody: { required: true, content: { 'application/json': { schema: body } } },
    responses: {
      '200': {
        description: 'The answer.',
        content: {
          'application/json': { schema: schemas.anyOf(answers) },
          'text/event-stream': { schema: { type: 'string', description: STREAM_DESCRIPTION } }
        }
      },
      ...problems('400', '401', '404', '429', '502', '503', '504')
    }
  }
}

function labelParameter(labels: readonly string[], fallback: string | undefined): JsonObject {
  const schema = { type: 'string', enum: labels, ...(fallback !== undefined && { default: fallback }) }
  return { name: 'label', in: 'query', required: false, description: 'Which of its versions.', schema }
}

function feedbackOperation(): JsonObject {
  return {
    summary: 'Rate a completion',
    tags: ['feedback'],
    operationId: 'feedback',
    requestBody: {
      required: true,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Feedback' } } }
    },
    responses: {
      '200': {
        description: 'It is counted.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/FeedbackReply' } } }
      },
      ...problems('400', '401', '404')
    }
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  '400': 'The body or a variable is not as expected; the problem says which.',
  '401': 'The caller is not known.',
  '404': 'There is no such prompt, version, label or completion.',
  '429': 'A limit or budget is used up.',
  '502': 'The model failed, or its answer does not fit the schema.',
  '503': 'No model is in service.',
  '504': 'The model did not answer in time.'
}

function problems(...statuses: string[]): JsonObject {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  return Object.fromEntries(statuses.map(status => [status, { description: PROBLEMS[status] ?? '', content }]))
}
