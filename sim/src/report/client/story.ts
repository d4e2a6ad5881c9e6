import { KINDS, lastAtOrBefore, type Kind, type Line } from './page-record.ts'
import { goTo, setPlaying, type Stage } from './stage.ts'
import { clockText, element, nodesText, part } from './text.ts'

/** The lines of the run, of which only those in sight are in the page: there may be a hundred thousand. */
export function mountStory (stage: Stage): void {
  const { story, names } = stage.record
  const [list, rows] = [part('story-list'), part('story-rows')]
  const [search, follow] = [part<HTMLInputElement>('search'), part<HTMLInputElement>('follow')]
  const chosen = new Set<Kind>(KINDS)
  let shown: Line[] = [...story]
  let times: number[] = []
  let current = -1

  const rowHeight = (): number => Number.parseFloat(getComputedStyle(list).getPropertyValue('--row'))
  const draw = (): void => {
    const height = rowHeight()
    const first = Math.max(0, Math.floor(list.scrollTop / height) - 4)
    const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / height) + 4)
    const focused = Number((document.activeElement as HTMLElement | null)?.dataset['index'] ?? -1)
    rows.style.height = `${shown.length * height}px`
    rows.replaceChildren(...shown.slice(first, last).map((line, offset) =>
      rowOf(line, { index: first + offset, count: shown.length, isCurrent: first + offset === current })))
    rows.querySelector<HTMLElement>(`[data-index="${focused}"]`)?.focus({ preventScroll: true })
  }
  const rowOf = (
    [atMs, kind, nodes, text]: Line, { index, count, isCurrent }: { index: number, count: number, isCurrent: boolean }
  ): HTMLElement => {
    const jump = element('button', { type: 'button', title: text, 'data-index': String(index) }, [
      element('time', { text: clockText(atMs) }), element('span', { class: `kind ${kind}`, text: kind }),
      element('span', { class: 'what', text }), element('span', { class: 'who', text: nodesText(nodes, names) })
    ])
    if (isCurrent) jump.setAttribute('aria-current', 'true')
    jump.addEventListener('click', () => {
      setPlaying(stage, false)
      goTo(stage, atMs)
    })
    const row = element('li', { 'aria-setsize': String(count), 'aria-posinset': String(index + 1) }, [jump])
    row.style.transform = `translateY(${index * rowHeight()}px)`
    return row
  }
  const markCurrent = (isForced: boolean): void => {
    const now = lastAtOrBefore(times, stage.atMs)
    if (now === current && !isForced) return
    current = now
    if (follow.checked) list.scrollTop = Math.max(0, current * rowHeight() - list.clientHeight / 2)
    draw()
  }
  const filter = (): void => {
    const words = search.value.toLowerCase().split(/\s+/).filter(word => word !== '')
    shown = story.filter(([, kind, nodes, text]) => {
      if (!chosen.has(kind)) return false
      if (words.length === 0) return true
      const whole = `${text} ${nodes.map(node => names[Number(node)] ?? node).join(' ')}`.toLowerCase()
      return words.every(word => whole.includes(word))
    })
    times = shown.map(([atMs]) => atMs)
    part('story-count').textContent = shown.length === story.length
      ? `${story.length} lines` : `${shown.length} of ${story.length} lines`
    markCurrent(true)
  }
  part('kinds').append(...KINDS.map(kind => kindBox(stage, kind, isChosen => {
    if (isChosen) chosen.add(kind)
    else chosen.delete(kind)
    filter()
  })))
  search.addEventListener('input', filter)
  list.addEventListener('scroll', draw)
  stage.watchers.push(change => {
    if (change === 'moment') markCurrent(false)
    else if (change === 'look') draw()
  })
  filter()
}

/** A box that shows or hides the lines of one kind. */
export function kindBox ({ record: { story } }: Stage, kind: Kind, choose: (isChosen: boolean) => void): HTMLElement {
  const box = element('input', { type: 'checkbox', checked: '' })
  box.addEventListener('change', () => choose(box.checked))
  const count = story.reduce((sum, line) => sum + (line[1] === kind ? 1 : 0), 0)
  return element('label', { class: `kind ${kind}` }, [
    box, element('span', { text: kind }), element('span', { class: 'count', text: String(count) })
  ])
}
