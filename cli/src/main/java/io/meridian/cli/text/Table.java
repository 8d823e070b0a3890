package io.meridian.cli.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Columns padded to their widest cell, three spaces apart, as kubectl prints them. An empty cell shows as "-". */
public final class Table {
    private static final String GAP = "   ";

    private final List<String> headers;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... headers) {
        this(List.of(headers));
    }

    public Table(List<String> headers) {
        this.headers = List.copyOf(headers);
    }

    public Table row(String... cells) {
        return row(List.of(cells));
    }

    public Table row(List<String> cells) {
        if (cells.size() != headers.size()) {
            throw new IllegalArgumentException(cells.size() + " cells under " + headers.size() + " headers");
        }
        rows.add(cells.stream().map(Table::cell).toList());
        return this;
    }

    /** A cell stays on its line, whatever a server put in it. */
    private static String cell(String text) {
        String clean = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return clean.isEmpty() ? "-" : clean;
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Every line ends with a line feed; without rows there is nothing, not even headers. */
    public String text(boolean withHeaders) {
        if (rows.isEmpty()) {
            return "";
        }
        List<List<String>> lines = new ArrayList<>();
        if (withHeaders) {
            lines.add(headers);
        }
        lines.addAll(rows);
        List<Integer> widths = new ArrayList<>(Collections.nCopies(headers.size(), 0));
        for (List<String> line : lines) {
            for (int column = 0; column < line.size(); column++) {
                widths.set(column, Math.max(widths.get(column), width(line.get(column))));
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            for (int column = 0; column < line.size(); column++) {
                String cell = line.get(column);
                text.append(cell);
                if (column < line.size() - 1) {
                    text.repeat(" ", widths.get(column) - width(cell)).append(GAP);
                }
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
