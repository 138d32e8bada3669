import { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, tool } from '@openai/agents'
import OpenAI from 'openai'
import t from 'tap'
import { z } from 'zod'
import { aiGateway, failureOf, MODELS } from './gateway.js'

t.setTimeout(120_000)

const { url } = await aiGateway(t)
const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 })
const runner = new Runner({ tracingDisabled: true })

const weather = tool({
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => `rain in ${city}`
})

const time = tool({
  name: 'get_time',
  description: 'The time of a zone',
  parameters: z.object({ zone: z.string() }),
  execute: ({ zone }) => `noon in ${zone}`
})
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

function modelsOf(name: string) {
  return [
    ['chat completions', new OpenAIChatCompletionsModel(client as never, name)],
    ['responses', new OpenAIResponsesModel(client as never, name)]
  ] as const
}

for (const name of MODELS) {
  for (const [api, model] of modelsOf(name)) {
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

for (const name of MODELS) {
  for (const [api, model] of modelsOf(name)) {
    t.test(`an agent on ${name} by ${api} calls two tools at once, and sees an image`, async t => {
      const modelSettings = { store: false, parallelToolCalls: true }
      const agent = new Agent({ name: 'Forecaster', model, modelSettings, tools: [weather, time] })
      const question = 'call get_weather with {"city":"Paris"} and get_time with {"zone":"UTC"}'
      const whole = await runner.run(agent, question)
      t.match(whole.finalOutput, /^The tools answered: .*rain in Paris.*; .*noon in UTC/)
      const streamed = await runner.run(agent, question, { stream: true })
      await streamed.completed
      t.match(streamed.finalOutput, /^The tools answered: .*rain in Paris.*; .*noon in UTC/)

      const content = [
        { type: 'input_image' as const, image: `data:image/png;base64,${PIXEL}` },
        { type: 'input_text' as const, text: 'And?' }
      ]
      const seeing = new Agent({ name: 'Seer', model, modelSettings: { store: false } })
      const seen = await runner.run(seeing, [{ role: 'user', content }])
      t.equal(seen.finalOutput, 'I see an image. You said: And?')
    })

    t.test(`an error of ${name} ends the run by ${api}`, async t => {
      for (const [, failing] of modelsOf(`${name}+status=429`).filter(([each]) => each === api)) {
        const failure = await failureOf(runner.run(new Agent({ name: 'Forecaster', model: failing }), 'Hello'))
        t.equal(failure.status, 429)
      }
    })
  }
}
