import Type, { type Static } from 'typebox'

const closed = { additionalProperties: false } as const
const Json = Type.Object({}, { additionalProperties: true })

const ToolCall = Type.Object(
  {
    id: Type.Optional(Type.String()),
    name: Type.String(),
    arguments: Type.Union([Type.String(), Json], { description: 'As text, or as the JSON it is the text of.' })
  },
  closed
)

const Piece = Type.Union([
  Type.String({ description: 'New text of the answer: a call of on_delta.' }),
  Type.Object({ thinking: Type.String() }, closed),
  Type.Object({ toolCall: ToolCall }, closed)
])

/** What of AI traffic a case has. */
export const GivenAi = Type.Object(
  {
    prompt: Type.Optional(
      Type.Object(Json.properties, {
        additionalProperties: true,
        description:
          'What the client asks, as a request of OpenAI’s chat completions; model and messages may be left out.'
      })
    ),
    answer: Type.Optional(
      Type.Object(Json.properties, {
        additionalProperties: true,
        description: 'A whole answer, as a message of OpenAI’s chat completions: content, tool_calls.'
      })
    ),
    stream: Type.Optional(Type.Array(Piece, { description: 'A streamed answer, piece by piece.' })),
    usage: Type.Optional(
      Type.Object(
        {
          input: Type.Optional(Type.Integer({ minimum: 0 })),
          output: Type.Optional(Type.Integer({ minimum: 0 })),
          microDollars: Type.Optional(Type.Integer({ minimum: 0 }))
        },
        { ...closed, description: 'What on_usage is told.' }
      )
    )
  },
  { ...closed, description: 'AI traffic: plays the AI hooks of the policy, after those for the request.' }
)
export type GivenAi = Static<typeof GivenAi>

/** What comes of it. Objects are parts of what there has to be. */
export const ExpectedAi = Type.Object(
  {
    model: Type.Optional(Type.String({ description: 'The model that is asked for in the end.' })),
    prompt: Type.Optional(
      Type.Object(Json.properties, { additionalProperties: true, description: 'A part of the request as it goes on.' })
    ),
    answer: Type.Optional(
      Type.Object(Json.properties, { additionalProperties: true, description: 'A part of the answer’s message.' })
    ),
    pieces: Type.Optional(
      Type.Array(Type.String(), {
        description: 'The text that goes out after each piece of the stream, and at the end of it.'
      })
    ),
    text: Type.Optional(Type.String({ description: 'All text of the stream that goes out.' })),
    toolCalls: Type.Optional(Type.Array(ToolCall, { description: 'The tool calls that go out, all of them.' })),
    finish: Type.Optional(Type.String({ description: 'Why the answer ended.' })),
    tags: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])))
  },
  closed
)
export type ExpectedAi = Static<typeof ExpectedAi>
