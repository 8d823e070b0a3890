package io.meridian.cli.session;

import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * Where the command reads and writes. UTF-8, whatever the locale says. Owned by the thread that runs the command.
 *
 * <p>stdout is buffered until {@link #flush}; a reader that went away shows as {@link BrokenPipe}. stderr is flushed line by line, and its failures are
 * ignored, since nobody could be told.
 */
public final class Console {
    /** Nobody reads stdout any more. */
    public static final class BrokenPipe extends UncheckedIOException {
        BrokenPipe(IOException cause) {
            super(cause);
        }
    }

    private final InputStream in;
    private final Writer out;
    private final PrintWriter err;
    private final boolean colors;
    private final boolean asks;

    /** {@code asks}: whether somebody sits at stdin who can be asked. */
    public Console(InputStream in, OutputStream out, OutputStream err, boolean colors, boolean asks) {
        this.in = in;
        this.out = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), 8192);
        this.err = new PrintWriter(new OutputStreamWriter(err, StandardCharsets.UTF_8), true);
        this.colors = colors;
        this.asks = asks;
    }

    public InputStream in() {
        return in;
    }

    public PrintWriter err() {
        return err;
    }

    /** Whether stdout is a terminal that shows colors. */
    public boolean colors() {
        return colors;
    }

    /** Whether stdin is a terminal. */
    public boolean asks() {
        return asks;
    }

    /** Asks on stderr and reads one line, without its end; what is there at the end of the input, if that comes first. */
    public String ask(String question) {
        flush();
        err.print(question);
        err.flush();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            for (int read = in.read(); read >= 0 && read != '\n'; read = in.read()) {
                line.write(read);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return line.toString(StandardCharsets.UTF_8).strip();
    }

    /** As it is: no line feed is added. */
    public void print(String text) {
        try {
            out.write(text);
        } catch (IOException e) {
            throw new BrokenPipe(e);
        }
    }

    public void line(String text) {
        print(text);
        print("\n");
    }

    /** So that what streams (history --watch) is seen at once, and at the end. */
    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new BrokenPipe(e);
        }
    }

    public void error(String line) {
        err.println("error: " + plain(line));
    }

    public void warning(String line) {
        err.println("Warning: " + plain(line));
    }

    /** What a server says must not steer the terminal. */
    private static String plain(String line) {
        return line.replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?");
    }
}
