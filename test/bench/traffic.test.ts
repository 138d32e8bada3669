import { readFileSync } from 'node:fs'
import t from 'tap'
import { REPLY_BYTES, replyBody } from '../../bench/replies.js'
import { allTraffic, BODY_BYTES } from '../../bench/traffic.js'

t.test('a reply has the same length whoever answers, whatever the tag and the body', async t => {
  for (const body of [replyBody('a', '', 0), replyBody('b', 'three', 0), replyBody('a', '', BODY_BYTES)]) {
    t.equal(Buffer.byteLength(body), REPLY_BYTES)
    t.type(JSON.parse(body), 'object')
  }
})

t.test('the request body is 64 KiB of JSON and lies where wrk reads it', async t => {
  const { body } = allTraffic(t.testdir())
  const text = readFileSync(body.bodyFile ?? '', 'utf8')
  t.equal(Buffer.byteLength(text), BODY_BYTES)
  t.type(JSON.parse(text), 'object')
})
