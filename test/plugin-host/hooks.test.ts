import t from 'tap'
import type { Manifest } from '../../core/base/manifest.js'
import { EditOp } from '../../core/plugin-host/abi.js'
import { applyEdits } from '../../core/plugin-host/edits.js'
import { hooksFor } from '../../core/plugin-host/hooks.js'

const manifest: Manifest = {
  name: 'watch',
  version: '1.0.0',
  abi: 1,
  kind: 'moderation',
  description: 'x',
  hooks: ['on_configure', 'on_request_body', 'on_response_body'],
  when: {
    on_response_body: {
      type: 'object',
      required: ['direction'],
      properties: { direction: { enum: ['response', 'both'] } }
    }
  }
}

t.test('a binding takes part in a hook only when its settings meet the condition of the manifest', async t => {
  t.strictSame(hooksFor(manifest, { direction: 'both' }), ['on_configure', 'on_request_body', 'on_response_body'])
  t.strictSame(hooksFor(manifest, { direction: 'request' }), ['on_configure', 'on_request_body'])
  t.strictSame(hooksFor(manifest, {}), ['on_configure', 'on_request_body'])
})

t.test('edits are applied in order, and a rename keeps every value', async t => {
  const list = ['a', '1', 'b', '2', 'a', '3']
  applyEdits(list, [
    { op: EditOp.RENAME, name: 'a', value: 'c' },
    { op: EditOp.ADD, name: 'c', value: '4' },
    { op: EditOp.REMOVE, name: 'b', value: '' },
    { op: EditOp.SET, name: 'd', value: '5' }
  ])
  t.strictSame(list, ['c', '1', 'c', '3', 'c', '4', 'd', '5'])
})
