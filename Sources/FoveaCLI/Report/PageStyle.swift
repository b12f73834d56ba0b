extension Page {
  /// The style of every report. Charts take their colours from here by class, so that dark pages need no other charts.
  static let style = """
    :root {
      --paper: #fbfbf9; --card: #ffffff; --ink: #1c2024; --muted: #667078; --line: #dfe2e0;
      --bar: #a9c7ee; --strong: #2463b4; --mark: #b4471c; --alert: #fdf0e2; --alert-line: #e2a35a;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #121518; --card: #1a1f24; --ink: #e6e9eb; --muted: #95a0a8; --line: #303840;
        --bar: #34557f; --strong: #6fa8f0; --mark: #f0935f; --alert: #33261a; --alert-line: #a5713a;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
    main { max-width: 1060px; margin: 0 auto; padding: 28px 20px 60px; }
    h1 { font-size: 26px; line-height: 1.25; margin: 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
    header p { margin: 2px 0 20px; color: var(--muted); }
    h2 { font-size: 18px; margin: 0 0 4px; }
    section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px;
      margin-top: 18px; }
    .note { color: var(--muted); font-size: 13.5px; margin: 0 0 14px; max-width: 75ch; }
    .warning { background: var(--alert); border-left: 4px solid var(--alert-line); border-radius: 4px;
      padding: 8px 14px; margin: 14px 0 0; }
    .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(158px, 1fr)); gap: 12px; }
    .figure { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 14px; }
    .figure b { display: block; font-size: 18px; font-weight: 600; line-height: 1.35; overflow-wrap: anywhere; }
    .figure span { color: var(--muted); font-size: 13px; }
    .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(380px, 100%), 1fr)); gap: 4px 36px;
      margin: 10px 0 0; }
    .facts div { display: flex; gap: 12px; border-bottom: 1px solid var(--line); padding: 4px 0; }
    .facts dt { color: var(--muted); flex: 0 0 34%; }
    .facts dd { margin: 0; overflow-wrap: anywhere; min-width: 0; unicode-bidi: isolate; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
    th, td { text-align: left; padding: 4px 14px 4px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
    th { color: var(--muted); font-weight: 500; }
    th:last-child, td:last-child { padding-right: 0; }
    .number, .value { text-align: right; font-variant-numeric: tabular-nums; }
    .chart { display: block; width: 100%; overflow: visible; margin-top: 6px; }
    .chart.axis { width: calc(100% - 52px); margin-left: 52px; }
    .chart text { font-size: 12px; fill: var(--muted); font-variant-numeric: tabular-nums; }
    .chart .grid { stroke: var(--line); stroke-width: 1; }
    .chart .bar, .chart .area { fill: var(--bar); }
    .chart .strong { fill: var(--strong); }
    .chart .edge { fill: none; stroke: var(--strong); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
    .chart .mark { stroke: var(--mark); stroke-width: 1.5; stroke-dasharray: 5 3; }
    .chart text.mark-label { fill: var(--mark); paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
    .chart .target { fill: transparent; }
    .chart .target:hover { fill: var(--muted); fill-opacity: 0.25; }
    .legend { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13px; color: var(--muted); margin: 0 0 8px; }
    .legend i { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: 6px;
      vertical-align: -1px; background: var(--bar); }
    .legend i.strong { background: var(--strong); }
    .bars { display: grid; grid-template-columns: minmax(0, 6fr) minmax(0, 5fr) max-content max-content;
      column-gap: 16px; align-items: center; font-size: 13px; line-height: 1.35; }
    .bars > div { display: contents; }
    .bars .label { padding: 3px 0; min-width: 0; }
    .bars .label b, .bars .label span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
      unicode-bidi: isolate; }
    .bars .label b { font-weight: 500; }
    .bars .label span, .bars .aside { color: var(--muted); font-size: 12px; }
    .bars .head { color: var(--muted); font-size: 12.5px; padding-bottom: 4px; }
    .bars .chart { height: 16px; margin: 0; }
    .bars .aside { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
    @media (max-width: 640px) {
      main { padding: 18px 10px 40px; }
      section { padding: 14px 12px; }
      .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      .figure { padding: 9px 12px; }
      .figure b { font-size: 18px; }
      .facts dt { flex-basis: 34%; }
      .bars { grid-template-columns: minmax(0, 1fr) max-content max-content; column-gap: 10px; }
      .bars .label { padding: 5px 0 0; }
      .bars .plot { grid-column: 1 / -1; }
      .bars > div { display: grid; grid-template-columns: subgrid; grid-column: 1 / -1; }
      .bars > div .plot { order: 1; padding-bottom: 5px; }
      .bars .label span { white-space: normal; }
      .chart.axis { width: calc(100% - 46px); margin-left: 46px; }
      .bars .head.plot { display: none; }
    }
    @media print {
      section, .figure { break-inside: avoid; }
      section.long { break-inside: auto; }
    }
    """
}
