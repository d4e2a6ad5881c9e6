import { mapConcurrently } from '@welkin/async'
import { directoryOptions } from '@welkin/daemon/kernel'
import type { Directory } from '@welkin/interface'
import { Timeline } from '@welkin/platform-virtual'
import { expect } from 'chai'
import { LightCloud } from '../bench/names/light-cloud.ts'
import { note, noteKind, textOf } from './directory-kit.ts'

describe('the directory of many sites', () => {
  it('finds from everywhere what was put anywhere, though all nodes have started at once', async function () {
    this.timeout(60_000)
    const timeline = new Timeline()
    await timeline.until((async () => {
      const cloud = new LightCloud(timeline, {
        nodes: 600, siteNodes: 100, seed: 'many sites', directory: directoryOptions.parse({}), kind: noteKind()
      })
      const at = (place: number): Directory => cloud.directory(place % cloud.size) as Directory
      await Promise.all(Array.from({ length: cloud.size }, async (_, place) => { await cloud.powerOn(place) }))
      await new Promise<void>(resolve => { timeline.after(60_000, resolve) })
      const keys = Array.from({ length: 400 }, (_, i) => `k${i}`)
      await mapConcurrently(keys, 50, async (key, i) => await at(7 * i).put('note', key, note(1, key)))
      const got = await mapConcurrently(keys, 50, async (key, i) => textOf(await at(11 * i + 3).get('note', key)))
      expect(got).to.deep.equal(keys)
    })())
  })

  it('loses nothing when all nodes restart one after the other, and nobody compares', async function () {
    this.timeout(60_000)
    const timeline = new Timeline()
    const pass = async (ms: number): Promise<void> => {
      await new Promise<void>(resolve => { timeline.after(ms, resolve) })
    }
    await timeline.until((async () => {
      const cloud = new LightCloud(timeline, {
        nodes: 120, siteNodes: 20, seed: 'restarts', kind: noteKind(),
        directory: directoryOptions.parse({ comparePeriodMs: 1e9 })
      })
      const at = (place: number): Directory => cloud.directory(place % cloud.size) as Directory
      for (let place = 0; place < cloud.size; place++) await cloud.powerOn(place)
      await pass(60_000)
      const keys = Array.from({ length: 200 }, (_, i) => `k${i}`)
      await mapConcurrently(keys, 50, async (key, i) => await at(7 * i).put('note', key, note(1, key)))
      for (let place = 0; place < cloud.size; place++) {
        cloud.powerOff(place)
        await pass(1000)
        await cloud.powerOn(place)
        await pass(15_000)
      }
      const got = await mapConcurrently(keys, 50, async (key, i) => textOf(await at(11 * i + 3).get('note', key)))
      expect(got).to.deep.equal(keys)
    })())
  })
})
