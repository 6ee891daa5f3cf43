/// How a report looks. Every colour of letters has a contrast of 4.5 and every mark of 3 at least
/// against what it stands on, in light and in dark (WCAG AA).
enum ReportStyle {
    static let sheet: StaticString = """
        :root {
          --paper: #fcfcfa; --ink: #1c2228; --soft: #59636d; --line: #dfe1dd; --grid: #ecedea;
          --p50: #143d66; --to90: #6f9fcb; --to99: #c3d9ec; --count: #a9b1b8;
          --stall: #b3261e; --degraded: #c27803; --bar: #4f83b5; --hover: #1c222812;
          --alert: #fbe9e7;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #15181b; --ink: #e8eaec; --soft: #a3acb4; --line: #32383e; --grid: #22272b;
            --p50: #d3e6f8; --to90: #4b86bd; --to99: #274b6d; --count: #59636c;
            --stall: #ff7a6b; --degraded: #e3a13a; --bar: #5b97cf; --hover: #ffffff14;
            --alert: #3c2220;
          }
        }
        * { box-sizing: border-box; }
        html { overflow-wrap: anywhere; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body {
          margin: 0 auto; padding: 2.5rem 1.25rem 3rem; max-width: 67rem;
          background: var(--paper); color: var(--ink);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans",
            "Liberation Sans", "DejaVu Sans", sans-serif;
          font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
        }
        h1, h2, h3, p, dl, dd, figure { margin: 0; }
        h1 {
          font-size: clamp(1.6rem, 1.1rem + 2.4vw, 2.6rem); line-height: 1.18; font-weight: 650;
          letter-spacing: -.018em; text-wrap: balance; max-width: 24em;
        }
        h1 span { display: inline-block; }
        h2 {
          font-size: 1.35rem; line-height: 1.3; font-weight: 650; letter-spacing: -.01em;
          margin: 3.5rem 0 .25rem;
        }
        h3 { font-size: 1rem; font-weight: 650; }
        .over { color: var(--soft); font-weight: 550; margin-bottom: .5rem; }
        .window { color: var(--soft); margin-top: .75rem; }
        .none, .note { color: var(--soft); max-width: 40rem; }
        header .none { margin-top: 1.5rem; }
        .alert {
          margin-top: 1.25rem; padding: .6rem .9rem; border-left: 3px solid var(--stall);
          background: var(--alert); max-width: 40rem;
        }
        .figures {
          display: grid; grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr));
          gap: 1rem 1.5rem; margin-top: 2rem; padding: 1rem 0;
          border: solid var(--line); border-width: 1px 0;
        }
        .figures dt { color: var(--soft); font-size: .8125rem; }
        .figures dd { font-size: 1.25rem; font-weight: 600; white-space: nowrap; }
        figure { margin-top: 2.5rem; min-width: 0; }
        figcaption {
          display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; align-items: baseline;
          margin-bottom: .75rem;
        }
        .legend { color: var(--soft); font-size: .8125rem; }
        .key { display: inline-flex; align-items: center; vertical-align: middle; margin-right: 1rem; }
        .key i {
          width: .8rem; height: .8rem; margin-right: .4rem; border-radius: 2px; flex: none;
        }
        .key .p50 { height: 3px; border-radius: 0; background: var(--p50); }
        .key .to90 { background: var(--to90); }
        .key .to99 { background: var(--to99); }
        .key .stall { background: var(--stall); }
        .key .degraded { background: var(--degraded); }
        .pair { display: grid; gap: 0 3rem; grid-template-columns: minmax(0, 1fr); }
        @media (min-width: 56rem) {
          .pair { grid-template-columns: minmax(0, 1fr) minmax(0, 1.15fr); }
          .pair > :only-child { grid-column: 1 / -1; }
        }

        .plot { display: grid; grid-template-columns: 3.75rem minmax(0, 1fr); }
        svg { display: block; width: 100%; overflow: visible; }
        svg text { font-size: 12px; fill: var(--soft); }
        .values text { text-anchor: end; }
        .grid { stroke: var(--grid); }
        .base, .tick { stroke: var(--soft); }
        .grid, .base, .tick { shape-rendering: crispEdges; }
        .to99, .to90, .p50, .count, .slow, .bar, .track { shape-rendering: crispEdges; }
        rect.to99 { fill: var(--to99); }
        rect.to90 { fill: var(--to90); }
        rect.p50 { fill: var(--p50); }
        rect.count { fill: var(--count); }
        rect.slow { fill: var(--stall); }
        rect.bar { fill: var(--bar); }
        rect.track { fill: var(--grid); }
        rect.stall { fill: var(--stall); stroke: var(--stall); }
        rect.degraded { fill: var(--degraded); stroke: var(--degraded); }
        rect.stall, rect.degraded { stroke-width: 1.5; }
        rect.stall:hover, rect.degraded:hover { stroke-width: 5; }
        .mark { stroke: var(--ink); stroke-dasharray: 2 3; }
        svg .quantile {
          fill: var(--ink); font-weight: 600;
          stroke: var(--paper); stroke-width: 5px; paint-order: stroke;
        }
        .hint { fill: transparent; }
        .hint:hover { fill: var(--hover); }
        .narrow { display: none; }
        @media (max-width: 40rem) {
          .wide { display: none; }
          .narrow { display: inline; }
        }

        details { margin-top: .5rem; font-size: .875rem; }
        summary { color: var(--soft); cursor: pointer; width: max-content; padding: .25rem 0; }
        :focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
        .scroll { overflow: auto; max-height: 28rem; margin-top: .75rem; }
        table { border-collapse: collapse; width: 100%; font-size: .875rem; line-height: 1.4; }
        caption { text-align: left; color: var(--soft); padding-bottom: .5rem; }
        th, td {
          text-align: left; vertical-align: top; padding: .35rem 1rem .35rem 0;
          border-bottom: 1px solid var(--grid);
        }
        th:last-child, td:last-child { padding-right: .25rem; }
        thead th {
          position: sticky; top: 0; background: var(--paper); color: var(--soft);
          font-weight: 550; white-space: nowrap; box-shadow: inset 0 -1px var(--line);
          border-bottom: 0;
        }
        tbody th { font-weight: 400; }
        .number { text-align: right; white-space: nowrap; }
        .word { white-space: nowrap; }
        td.text { min-width: 9rem; }
        .stages th[scope=row] { width: 45%; min-width: 8rem; padding-right: 1.5rem; }
        .share { margin-top: .35rem; }
        .unseen {
          position: absolute; width: 1px; height: 1px; overflow: hidden;
          clip-path: inset(50%); white-space: nowrap;
        }
        footer {
          margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--line);
          color: var(--soft); font-size: .8125rem;
        }
        footer p { max-width: 46rem; }
        @media screen and (max-width: 40rem) {
          body { padding: 1.5rem 1rem 2rem; }
          .plot { grid-template-columns: 3.25rem minmax(0, 1fr); }
          th, td { padding-right: .75rem; }
          .stages th[scope=row] { min-width: 6.5rem; padding-right: .75rem; }
          .figures { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .9rem; }
          .figures dd { font-size: 1.0625rem; }
        }
        @media print {
          :root {
            --paper: #fff; --ink: #000; --soft: #454b51; --line: #c9cccf; --grid: #e4e6e8;
            --p50: #143d66; --to90: #6f9fcb; --to99: #c3d9ec; --count: #a9b1b8;
            --stall: #b3261e; --degraded: #c27803; --bar: #4f83b5;
          }
          body { padding: 0; max-width: none; font-size: 10pt; }
          body * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          .plot { grid-template-columns: 4.25rem minmax(0, 1fr); }
          .plot, tr, .figures, header { break-inside: avoid; }
          h2, h3, figcaption, summary { break-after: avoid; }
          .scroll { max-height: none; overflow: visible; }
          thead th { position: static; }
          details::details-content { content-visibility: visible; display: block; }
        }

        """
}
