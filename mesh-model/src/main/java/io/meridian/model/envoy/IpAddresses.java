package io.meridian.model.envoy;

import java.util.regex.Pattern;

/** Numeric addresses in the forms that every proxy reads (inet_pton): no leading zeros, no zone, no port. */
public final class IpAddresses {
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");
    private static final Pattern HEX_GROUP = Pattern.compile("[0-9a-fA-F]{1,4}");

    private IpAddresses() {}

    /** IPv4 or IPv6. */
    public static boolean isValid(String text) {
        return IPV4.matcher(text).matches() || isIpv6(text);
    }

    private static boolean isIpv6(String text) {
        if (!text.contains(":") || text.contains(":::")) {
            return false;
        }
        int gap = text.indexOf("::");
        if (gap < 0) {
            return groups(text, true) == 8;
        }
        int before = groups(text.substring(0, gap), false);
        int after = groups(text.substring(gap + 2), true);
        return text.indexOf("::", gap + 1) < 0 && before >= 0 && after >= 0 && before + after < 8;
    }

    /** How many 16-bit groups, -1 if malformed; an IPv4 address may stand for the last two. */
    private static int groups(String text, boolean ipv4AtEnd) {
        if (text.isEmpty()) {
            return 0;
        }
        String[] parts = text.split(":", -1);
        int count = 0;
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            if (HEX_GROUP.matcher(parts[i]).matches()) {
                count++;
            } else if (last && ipv4AtEnd && IPV4.matcher(parts[i]).matches()) {
                count += 2;
            } else {
                return -1;
            }
        }
        return count;
    }
}
