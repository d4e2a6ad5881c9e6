import type { NodeView, SiteSummary } from '@welkin/interface'
export function summarise (views: readonly NodeView[]): Pick<SiteSummary, 'up' | 'down' | 'numbers' | 'words'> {
  const up = views.filter(({ state }) => state === 'up').length
  return { up, down: views.length - up, numbers: {}, words: {} }
}
