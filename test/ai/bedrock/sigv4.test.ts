import t from 'tap'
import { signV4, uriEncode } from '../../../core/ai/providers/sigv4.js'

/** The keys and the moment of AWS's published test suite. */
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const NOW = Date.parse('2015-08-30T12:36:00Z')

function signature(method: string, url: string, headers: string[], body = '', service = 'service'): string {
  const list = signV4({ method, url: new URL(url), headers, body }, KEYS, 'us-east-1', service, NOW)
  return /Signature=([0-9a-f]+)/.exec(list.at(-1) ?? '')?.[1] ?? ''
}

t.test("AWS's published examples are signed as published", async t => {
  const root = 'https://example.amazonaws.com'
  t.equal(
    signature('GET', `${root}/`, []),
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    'get-vanilla'
  )
  t.equal(
    signature('POST', `${root}/`, []),
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    'post-vanilla'
  )
  t.equal(
    signature('GET', `${root}/?Param2=value2&Param1=value1`, []),
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    'get-vanilla-query-order-key-case'
  )
  const form = 'application/x-www-form-urlencoded; charset=utf-8'
  t.equal(
    signature(
      'GET',
      'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08',
      ['content-type', form],
      '',
      'iam'
    ),
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    'the example of the documentation'
  )
})

t.test('temporary keys send their token, and sign it', async t => {
  const request = { method: 'GET', url: new URL('https://example.amazonaws.com/'), headers: [], body: '' }
  const list = signV4(request, { ...KEYS, sessionToken: 'abc' }, 'us-east-1', 'service', NOW)
  t.strictSame(list.slice(0, 4), ['x-amz-date', '20150830T123600Z', 'x-amz-security-token', 'abc'])
  t.match(list.at(-1), /SignedHeaders=host;x-amz-date;x-amz-security-token,/)
})

t.test('names are encoded as AWS wants them', async t => {
  t.equal(uriEncode("arn:aws:x/y v1:0*'()"), 'arn%3Aaws%3Ax%2Fy%20v1%3A0%2A%27%28%29')
})
