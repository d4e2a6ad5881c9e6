import { mountCharts } from './charts.ts'
import { groupByPlace } from './layout.ts'
import { mountMap } from './map.ts'
import type { PageRecord } from './page-record.ts'
import { mountPlayer } from './player.ts'
import { mountRacks } from './racks.ts'
import { changed, createScenes, createStage, goTo } from './stage.ts'
import { mountStory } from './story.ts'
import { part } from './text.ts'

/** Brings the page to life: all parts watch one stage. */
export function startPage (): void {
  const record = JSON.parse(part('record').textContent ?? '') as PageRecord
  const stage = createStage(record)
  const sceneAt = createScenes(record)
  const sites = groupByPlace(record.zones)
  mountCharts(stage)
  mountMap(stage, sites, sceneAt)
  mountRacks(stage, sites, sceneAt)
  mountPlayer(stage, sceneAt)
  mountStory(stage)
  mountCopying()
  const look = (): void => changed(stage, 'look')
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', look)
  let width = document.body.clientWidth
  new ResizeObserver(() => {
    if (width === document.body.clientWidth) return
    width = document.body.clientWidth
    look()
  }).observe(document.body)
  look()
  goTo(stage, 0)
}

/** A click copies the command; where the browser lets no page copy, it selects it. */
export function mountCopying (): void {
  const [button, command] = [part('copy'), part('command')]
  button.addEventListener('click', () => {
    getSelection()?.selectAllChildren(command)
    const told = (text: string): void => { button.textContent = text }
    if (navigator.clipboard === undefined) told('Selected')
    else navigator.clipboard.writeText(command.textContent ?? '').then(() => told('Copied'), () => told('Selected'))
  })
}
