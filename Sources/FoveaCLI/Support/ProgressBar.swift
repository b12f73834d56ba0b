import Glibc

/// A bar on standard error, drawn only where that is a terminal:
///
///     calibrating [=========           ] 22/48
final class ProgressBar {
  private static let width = 30

  private let title: String
  private let isShown: Bool
  private var drawn = ""

  init(_ title: String) {
    self.title = title
    isShown = isatty(STDERR_FILENO) == 1
  }

  func show(_ done: Int, of all: Int) {
    guard isShown, all > 1 else { return }
    let filled = Self.width * done / all
    let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: Self.width - filled)
    let line = "\(title) [\(bar)] \(done)/\(all)"
    guard line != drawn else { return }
    drawn = line
    writeError("\r\(line)")
  }

  /// Shows a phase that others follow: at its end the bar goes.
  func follow(_ done: Int, of all: Int) {
    show(done, of: all)
    if done >= all { clear() }
  }

  /// Takes the bar away, so that a line can be written in its place.
  func clear() {
    guard !drawn.isEmpty else { return }
    drawn = ""
    writeError("\r\u{1B}[K")  // erase to the end of the line
  }
}
