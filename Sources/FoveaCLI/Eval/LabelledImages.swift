import Fovea

/// A photo and the class that it shows; nil where nobody said.
struct LabelledImage {
  var path: String
  var label: Int?
}

/// A model's classes, findable by what people call them.
package struct ClassNames {
  private let count: Int
  private let byName: [String: Int]

  /// - Parameters:
  ///   - labels: the model's, in order; empty where it has none.
  ///   - count: how many classes it tells apart.
  package init(labels: [String], count: Int) {
    self.count = count
    var byName: [String: Int] = [:]
    var ambiguous: Set<String> = []
    func add(_ name: String, _ index: Int) {
      let name = Self.normalized(name)
      if let known = byName[name], known != index { ambiguous.insert(name) }
      byName[name] = byName[name] ?? index
    }
    for (index, label) in labels.enumerated() {
      add(label, index)
      // ImageNet's labels list synonyms: "tabby, tabby cat".
      for synonym in label.split(separator: ",") { add(String(synonym), index) }
    }
    for (index, label) in labels.enumerated() where byName[Self.normalized(label)] == index {
      ambiguous.remove(Self.normalized(label))
    }
    for name in ambiguous { byName[name] = nil }
    self.byName = byName
  }

  /// The class of a name, a synonym or a number from 0; nil where there is none, or more than one.
  package func index(of name: String) -> Int? {
    if let known = byName[Self.normalized(name)] { return known }
    guard let number = Int(name), (0..<count).contains(number) else { return nil }
    return number
  }

  /// Names of folders have underscores for spaces.
  private static func normalized(_ name: String) -> String {
    let words = name.lowercased().split { $0 == " " || $0 == "_" }
    return words.joined(separator: " ")
  }
}

extension LabelledImage {
  /// The images in the subfolders of `folder`, each named after a class: its label, one of the label's synonyms, or its number.
  /// Where none is and there are as many subfolders as classes, they are the classes in the order of their names, which is how
  /// ImageNet's are laid out. A folder without subfolders holds images without labels.
  ///
  /// - Throws: `ImageError`; `Failure` where a subfolder names no class.
  static func all(in folder: String, classes: ClassNames, count: Int) throws -> [LabelledImage] {
    let paths = try imageFiles(in: folder)
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    func subfolder(_ path: String) -> Substring? {
      let parts = path.dropFirst(prefix.count).split(separator: "/", maxSplits: 1)
      return parts.count == 2 ? parts[0] : nil
    }
    let names = Set(paths.compactMap(subfolder)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard !names.isEmpty else { return paths.map { LabelledImage(path: $0, label: nil) } }

    var indices: [Substring: Int] = [:]
    for name in names { indices[name] = classes.index(of: String(name)) }
    if indices.isEmpty, names.count == count {
      for (index, name) in names.enumerated() { indices[name] = index }
    }
    let unknown = names.filter { indices[$0] == nil }
    guard unknown.isEmpty else {
      let shown = unknown.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
      throw Failure(
        .badData,
        "\(folder): \(unknown.count) of \(names.count) subfolders name no class of the model: \(shown)"
          + (unknown.count > 5 ? ", ..." : "") + ". Name them after labels or class numbers, or give --labels")
    }
    return try paths.map { path in
      guard let name = subfolder(path) else {
        throw Failure(.badData, "\(path): the folder has subfolders for classes, and this photo lies in none")
      }
      return LabelledImage(path: path, label: indices[name])
    }
  }

  /// The images that a table of two columns names: a path, from `folder` on unless it is absolute, and a class by label,
  /// synonym or number. Fields are as RFC 4180 has them (quotes around commas); a first line "file,label" or the like is skipped.
  ///
  /// - Throws: `Failure` naming the table's line.
  static func all(inTable table: String, folder: String, classes: ClassNames) throws -> [LabelledImage] {
    var images: [LabelledImage] = []
    for (number, line) in try readLines(of: table, holding: "labelled images").enumerated()
    where !line.allSatisfy(\.isWhitespace) {
      guard let fields = csvFields(line), fields.count >= 2 else {
        throw Failure(.badData, "\(table), line \(number + 1): not a path and a class with a comma between them")
      }
      let path = fields[0].hasPrefix("/") ? fields[0] : "\(folder)/\(fields[0])"
      guard let label = classes.index(of: fields[1]) else {
        if number == 0, !exists(path) { continue }
        throw Failure(.badData, "\(table), line \(number + 1): the model has no class \"\(fields[1])\"")
      }
      images.append(LabelledImage(path: path, label: label))
    }
    guard !images.isEmpty else { throw Failure(.badData, "\(table): there are no labelled images in it") }
    return images
  }
}

/// The fields of one line of comma-separated values; nil where quotes do not match.
package func csvFields(_ line: String) -> [String]? {
  var fields: [String] = []
  var field = ""
  var isQuoted = false
  var characters = line.makeIterator()
  var next = characters.next()
  while let character = next {
    next = characters.next()
    switch character {
    case "\"" where isQuoted && next == "\"":
      field.append("\"")
      next = characters.next()
    case "\"" where isQuoted || field.isEmpty: isQuoted.toggle()
    case "," where !isQuoted:
      fields.append(field)
      field = ""
    default: field.append(character)
    }
  }
  return isQuoted ? nil : fields + [field]
}
