package io.meridian.cli.session;

import io.meridian.cli.exit.CliFailure;
import java.util.ArrayList;
import java.util.List;

/** Lists of HOST:PORT as people type them. */
public final class Addresses {
    private Addresses() {}

    /** Throws a usage failure that names {@code origin} unless every part is HOST:PORT; an IPv6 address stands in brackets. */
    public static List<String> parse(String origin, String list) {
        List<String> addresses = new ArrayList<>();
        for (String part : list.split(",", -1)) {
            String address = part.strip();
            int colon = address.lastIndexOf(':');
            boolean ipv6InBrackets = address.startsWith("[") && colon > 0 && address.charAt(colon - 1) == ']';
            boolean plain = !address.startsWith("[") && address.indexOf(':') == colon;
            if (colon <= 0 || !(ipv6InBrackets || plain) || !isPort(address.substring(colon + 1))) {
                throw CliFailure.usage(origin + ": \"" + address + "\" is not HOST:PORT");
            }
            addresses.add(address);
        }
        return addresses;
    }

    private static boolean isPort(String text) {
        if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return false;
        }
        int port = Integer.parseInt(text);
        return port >= 1 && port <= 65_535;
    }
}
