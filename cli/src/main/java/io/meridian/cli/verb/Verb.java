package io.meridian.cli.verb;

import io.meridian.cli.session.Console;
import io.meridian.cli.session.Session;
import java.util.concurrent.Callable;

/** A verb with its session. Made once per run of the command. */
abstract class Verb implements Callable<Integer> {
    private final Session session;

    Verb(Session session) {
        this.session = session;
    }

    final Session session() {
        return session;
    }

    final Console console() {
        return session.console();
    }

    /** Returns an exit code. */
    @Override
    public abstract Integer call();
}
