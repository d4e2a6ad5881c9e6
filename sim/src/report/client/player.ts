import { CONDITIONS } from './page-record.ts'
import { goTo, setPlaying, type Scene, type Stage } from './stage.ts'
import { clockText, part } from './text.ts'

/** How many seconds of the run pass in one of the reader's. */
export const SPEEDS = [1, 2, 5, 10, 20, 50, 100]

/** Play and pause, speed, scrubber, keys, and how many nodes are how. */
export function mountPlayer (stage: Stage, sceneAt: (atMs: number) => Scene): void {
  const { untilMs, samplePeriodMs, samples } = stage.record
  const [play, speed, scrubber] = [part('play'), part<HTMLSelectElement>('speed'), part<HTMLInputElement>('scrubber')]
  const stepMs = samplePeriodMs > 0 ? samplePeriodMs : 1000
  const halfMinute = SPEEDS.find(factor => untilMs / factor <= 30_000) ?? 100
  for (const factor of SPEEDS) speed.append(new Option(`${factor}×`, String(factor), false, factor === halfMinute))
  scrubber.max = String(untilMs)
  scrubber.step = String(Math.max(1, Math.min(stepMs, untilMs / 200)))
  const counts = CONDITIONS.map(condition => part(`count-${condition}`))
  let counted: Scene | undefined

  stage.watchers.push(change => {
    if (change === 'play') {
      play.textContent = stage.isPlaying ? 'Pause' : 'Play'
      if (stage.isPlaying) run()
    }
    if (change !== 'moment') return
    scrubber.value = String(stage.atMs)
    scrubber.setAttribute('aria-valuetext', clockText(stage.atMs))
    part('now').textContent = clockText(stage.atMs)
    const scene = sceneAt(stage.atMs)
    if (scene === counted || samples.atMs.length === 0) return
    counted = scene
    const sums = [0, 0, 0, 0]
    for (const code of scene.conditions) sums[code] = (sums[code] ?? 0) + 1
    for (const [code, output] of counts.entries()) output.textContent = String(sums[code])
    const parts = new Set(scene.groups)
    parts.delete(0)
    part('parted').textContent = parts.size > 1 ? `network in ${parts.size} parts` : ''
  })

  /** From frame to frame, until it is stopped or the run is over. */
  function run (): void {
    let beforeMs: number | undefined
    const frame = (nowMs: number): void => {
      if (!stage.isPlaying) return
      goTo(stage, stage.atMs + Math.min(200, nowMs - (beforeMs ?? nowMs)) * Number(speed.value))
      beforeMs = nowMs
      if (stage.atMs >= untilMs) setPlaying(stage, false)
      else requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  }
  play.addEventListener('click', () => setPlaying(stage, !stage.isPlaying))
  scrubber.addEventListener('input', () => {
    setPlaying(stage, false)
    goTo(stage, Number(scrubber.value))
  })
  document.addEventListener('keydown', event => {
    const target = event.target as HTMLElement
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (target.closest('input:not([type=range]), select, textarea') !== null) return
    if (event.key === ' ' && target.closest('button, summary') === null) setPlaying(stage, !stage.isPlaying)
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      setPlaying(stage, false)
      goTo(stage, stage.atMs + (event.key === 'ArrowLeft' ? -1 : 1) * stepMs * (event.shiftKey ? 10 : 1))
    } else return
    event.preventDefault()
  })
}
