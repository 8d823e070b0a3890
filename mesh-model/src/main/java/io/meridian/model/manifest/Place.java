package io.meridian.model.manifest;

/** A place in a file; both count from 1, columns in characters. */
public record Place(int line, int column) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
        return line != other.line ? Integer.compare(line, other.line) : Integer.compare(column, other.column);
    }

    /** "line 3, column 5". */
    @Override
    public String toString() {
        return "line " + line + ", column " + column;
    }
}
