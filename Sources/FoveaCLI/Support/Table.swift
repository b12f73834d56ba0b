/// Rows of text in columns that are as wide as need be.
struct Table {
  enum Alignment {
    case left, right
  }

  private let alignments: [Alignment]
  private var rows: [[String]] = []

  /// - Parameter columns: the titles, with how their column is aligned.
  init(_ columns: [(title: String, alignment: Alignment)]) {
    alignments = columns.map(\.alignment)
    rows.append(columns.map(\.title))
  }

  mutating func add(_ cells: [String]) {
    rows.append(cells.map(printable))
  }

  /// One line a row, two spaces between columns.
  var text: String {
    let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return alignments[column] == .left ? row[column] + space : space + row[column]
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
  }
}

/// Lines of "name  value", the values below each other.
func facts(_ facts: [(name: String, value: String)]) -> String {
  let width = facts.map(\.name.count).max() ?? 0
  return facts.map { name, value in
    "\(name)\(String(repeating: " ", count: width - name.count))  \(printable(value))\n"
  }.joined()
}
