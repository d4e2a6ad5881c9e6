/**
 * What runs in the reader's browser. The page holds the text of everything that is exported here, in one script: so
 * each file exports all that it has, names are unique, and nothing from outside this folder is used.
 */
export * from './charts.ts'
export * from './draw.ts'
export * from './faults.ts'
export * from './layout.ts'
export * from './map.ts'
export * from './page.ts'
export * from './page-record.ts'
export * from './player.ts'
export * from './plots.ts'
export * from './racks.ts'
export * from './runs.ts'
export * from './stage.ts'
export * from './story.ts'
export * from './strip.ts'
export * from './text.ts'
export * from './timeline.ts'
