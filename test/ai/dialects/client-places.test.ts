import t from 'tap'
import { clientNames, spelled } from '../../../core/ai/dialects/client-names.js'
import { clientPlace } from '../../../core/ai/dialects/client-places.js'
import type { DialectName } from '../../../core/ai/dialects/dialect.js'
import { dialects } from '../../../core/ai/dialects/index.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { dropped, HINTS } from '../dialect-parts.js'

/** What is lost of messages and tools is named by where the client has it. */

const pdf = Buffer.from('%PDF-1.4').toString('base64')
const anyOf = [{ required: ['a'] }, { required: ['b'] }]
const schema = { type: 'object', properties: { a: {}, b: {} }, anyOf }

const REQUESTS: Readonly<
  Partial<Record<DialectName, { request: JsonObject; names: Readonly<Record<string, string>> }>>
> = {
  anthropic: {
    request: {
      model: 'm',
      max_tokens: 9,
      system: 'Be brief.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf } }
          ]
        },
        {
          role: 'assistant',
          content: [
            { type: 'redacted_thinking', data: 'R' },
            { type: 'tool_use', id: 't', name: 'f', input: {} }
          ]
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'no', is_error: true }] }
      ],
      tools: [
        { type: 'web_search_20250305', name: 'web_search' },
        { name: 'f', strict: true, input_schema: schema }
      ]
    },
    names: {
      'ollama-chat': 'messages[0].content[1], messages[1].content[0], messages[2].content[0].is_error, tools[1].strict',
      cohere: 'messages[0].content[1], messages[1].content[0], messages[2].content[0].is_error',
      converse: 'messages[1].content[0], tools[1].input_schema.anyOf, tools[1].strict'
    }
  },
  gemini: {
    request: {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'a' }, { inlineData: { mimeType: 'application/pdf', data: pdf } }] },
        {
          role: 'model',
          parts: [{ text: 'hm', thought: true, thoughtSignature: 'c2ln' }, { functionCall: { name: 'f' } }]
        },
        { role: 'user', parts: [{ functionResponse: { name: 'f', response: { error: 'no' } } }] }
      ],
      tools: [{ functionDeclarations: [{ name: 'e' }, { name: 'f', parametersJsonSchema: schema }] }]
    },
    names: {
      'ollama-chat': 'contents[0].parts[1], contents[1].parts[0], contents[2].parts[0].functionResponse',
      anthropic: 'contents[1].parts[0], tools[0].functionDeclarations[1].parametersJsonSchema.anyOf'
    }
  },
  converse: {
    request: {
      modelId: 'm',
      system: [{ text: 'Be brief.' }],
      messages: [
        { role: 'user', content: [{ text: 'a' }, { document: { name: 'd', format: 'pdf', source: { bytes: pdf } } }] },
        { role: 'assistant', content: [{ toolUse: { toolUseId: 't', name: 'f', input: {} } }] },
        { role: 'user', content: [{ toolResult: { toolUseId: 't', content: [{ text: 'no' }], status: 'error' } }] }
      ],
      toolConfig: { tools: [{ toolSpec: { name: 'f', inputSchema: { json: schema } } }] }
    },
    names: {
      'ollama-chat': 'messages[0].content[1].document, messages[2].content[0].toolResult',
      anthropic: 'toolConfig.tools[0].toolSpec.inputSchema.json.anyOf'
    }
  },
  'openai-responses': {
    request: {
      model: 'm',
      instructions: 'Be brief.',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'a' },
            { type: 'input_image', detail: 'high', image_url: 'https://a.example/a.png' }
          ]
        },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
        {
          type: 'function_call_output',
          call_id: 'c',
          output: [{ type: 'input_file', filename: 'a.pdf', file_data: pdf }]
        }
      ],
      tools: [{ type: 'web_search' }, { type: 'function', name: 'f', parameters: schema, strict: true }]
    },
    names: {
      'ollama-chat': 'input[0].content[1], input[0].content[1].detail, input[2].output[0], tools[1].strict',
      anthropic: 'input[0].content[1].detail, tools[1].parameters.anyOf'
    }
  },
  cohere: {
    request: {
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'https://a.example/a.png', detail: 'high' } }]
        }
      ],
      tools: [{ type: 'function', function: { name: 'f', parameters: schema } }]
    },
    names: {
      'ollama-chat': 'messages[0].content[0]',
      anthropic: 'messages[0].content[0], tools[0].function.parameters.anyOf'
    }
  },
  'ollama-chat': {
    request: {
      model: 'm',
      messages: [{ role: 'user', content: 'a', images: ['JVBERi0='] }],
      tools: [{ type: 'function', function: { name: 'f', parameters: schema } }]
    },
    names: { anthropic: 'tools[0].function.parameters.anyOf' }
  }
}

const MODELS = {
  anthropic: 'claude-sonnet-4-5',
  converse: 'amazon.nova-pro-v1:0',
  cohere: 'command-a-03-2025',
  'ollama-chat': 'qwen3'
}

for (const [from, { request, names }] of Object.entries(REQUESTS)) {
  for (const [to, expected] of Object.entries(names)) {
    t.test(`what ${to} loses of messages and tools, clients of ${from} find in their request`, async t => {
      const dialect = from as DialectName
      const chat = dialects.get(dialect)?.chat.readRequest(structuredClone(request), HINTS)
      if (chat === undefined) throw new Error(from)
      chat.model = MODELS[to as keyof typeof MODELS]
      const drop = dropped()
      const placing = { before: [...chat.messages], chat, request, dialect }
      dialects.get(to as DialectName)?.chat.writeRequest(chat, { drop: name => drop.drop(clientPlace(name, placing)) })
      const told = new Set(drop.names.flatMap(name => clientNames(dialect, name, request)))
      for (const name of told) t.equal(spelled(request, name), name, name)
      t.equal([...told].sort().join(', '), expected)
    })
  }
}

t.test('what policies put into a chat keeps its name', async t => {
  const made = { role: 'user' as const, content: [{ type: 'text' as const, text: 'a' }] }
  const placing = { before: [made], chat: { messages: [made] }, request: {}, dialect: 'anthropic' as const }
  t.equal(clientPlace('messages[0].content[0].text', placing), 'messages[0].content[0].text')
  t.equal(clientPlace('messages[7].name', placing), 'messages[7].name')
  t.equal(clientPlace('tools[0].strict', placing), 'tools[0].strict')
})
