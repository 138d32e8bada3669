import { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, tool } from '@openai/agents'
import OpenAI from 'openai'
import t from 'tap'
import { z } from 'zod'
import { aiGateway, failureOf, MODELS } from './gateway.js'

const { url } = await aiGateway(t)
const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 })
const runner = new Runner({ tracingDisabled: true })

const weather = tool({
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => `rain in ${city}`
})

for (const name of MODELS) {
  for (const [api, model] of [
    ['chat completions', new OpenAIChatCompletionsModel(client as never, name)],
    ['responses', new OpenAIResponsesModel(client as never, name)]
  ] as const) {
    t.test(`an agent on ${name} by ${api} calls its tool and ends with what it said`, async t => {
      const modelSettings = { store: false }
      const agent = new Agent({ name: 'Forecaster', instructions: 'Be brief.', model, modelSettings, tools: [weather] })
      const whole = await runner.run(agent, 'call get_weather with {"city":"Paris"}')
      t.match(whole.finalOutput, /^The tools answered: .*rain in Paris/)
      const streamed = await runner.run(agent, 'call get_weather with {"city":"Paris"}', { stream: true })
      let text = ''
      for await (const piece of streamed.toTextStream()) text += String(piece)
      await streamed.completed
      t.match(text, /The tools answered: .*rain in Paris/)
      t.match(streamed.finalOutput, /^The tools answered: .*rain in Paris/)

      const outputType = z.object({ city: z.string() })
      const typed = new Agent({ name: 'Forecaster', instructions: 'Be brief.', model, modelSettings, outputType })
      const { finalOutput } = await runner.run(typed, 'The weather?')
      t.match(finalOutput, { city: String })
    })
  }
}

t.test('an error of the provider ends the run', async t => {
  const model = new OpenAIResponsesModel(client as never, 'anthropic/claude-sonnet-4-5+status=429')
  const failure = await failureOf(runner.run(new Agent({ name: 'Forecaster', model }), 'Hello'))
  t.equal(failure.status, 429)
})
