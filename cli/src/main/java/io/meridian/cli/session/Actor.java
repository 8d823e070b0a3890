package io.meridian.cli.session;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;

/** Who this command says it is; the history keeps it as claimed, not proved. */
final class Actor {
    private static final int LIMIT = 128;

    private Actor() {}

    /** $MERIDIAN_ACTOR, else USER@HOST; printable ASCII only, since it travels as a header. */
    static String of(Map<String, String> environment) {
        String actor = environment.get("MERIDIAN_ACTOR");
        if (actor == null || actor.isEmpty()) {
            String user = environment.getOrDefault("USER", System.getProperty("user.name", "unknown"));
            actor = user + "@" + host(environment);
        }
        String ascii = actor.replaceAll("[^\\x21-\\x7e]", "_");
        return ascii.length() > LIMIT ? ascii.substring(0, LIMIT) : ascii;
    }

    private static String host(Map<String, String> environment) {
        // The launcher knows the name without a look-up, which can take seconds where DNS is slow.
        String known = System.getProperty("meridian.host", environment.getOrDefault("HOSTNAME", ""));
        if (!known.isEmpty()) {
            return known;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
