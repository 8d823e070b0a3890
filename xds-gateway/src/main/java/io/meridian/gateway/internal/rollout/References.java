package io.meridian.gateway.internal.rollout;

import com.google.protobuf.CodedOutputStream;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What resources refer to. xDS refers by name, and every name is a string field, however deep in whatever extension it stands: its length
 * and its bytes are in the resource's. So these are looked for; a field that happens to have the same text is taken for a reference, which
 * is harmless. Remembers the bytes of what it looked into, so that it should not live long.
 */
final class References {
    private final Map<XdsResource, byte[]> bytes = new HashMap<>();

    /** Types that a resource of the type can refer to. */
    static List<XdsType> referredTo(XdsType by) {
        return switch (by) {
            case CLUSTER -> List.of(XdsType.ENDPOINT, XdsType.CLUSTER, XdsType.SECRET);
            case LISTENER -> List.of(XdsType.CLUSTER, XdsType.ROUTE, XdsType.SECRET);
            case ROUTE -> List.of(XdsType.CLUSTER);
            case ENDPOINT, SECRET -> List.of();
        };
    }

    /** Whether {@code resource} refers to what has this name and a type that it can refer to. */
    boolean has(XdsResource resource, String name) {
        byte[] within = bytes.computeIfAbsent(resource, of -> of.any().toByteArray());
        byte[] sought = asField(name);
        for (int at = 0; at + sought.length <= within.length; at++) {
            if (within[at] == sought[0] && matches(within, at, sought)) {
                return true;
            }
        }
        return false;
    }

    /** Those of {@code names} that {@code resource} refers to; looks through it once, however many these are. */
    Set<String> among(Set<String> names, XdsResource resource) {
        Set<Integer> lengths = new HashSet<>();
        names.forEach(name -> lengths.add(name.getBytes(StandardCharsets.UTF_8).length));
        byte[] within = bytes.computeIfAbsent(resource, of -> of.any().toByteArray());
        Set<String> found = new HashSet<>();
        for (int at = 0; at < within.length; at++) {
            int length = within[at] & 0x7f;
            int text = at + 1;
            if (within[at] < 0 && text < within.length) {
                // A name that is longer than 127 bytes has its length in two.
                length |= (within[text] & 0x7f) << 7;
                text++;
            }
            if (lengths.contains(length) && text + length <= within.length) {
                String name = new String(within, text, length, StandardCharsets.UTF_8);
                if (names.contains(name)) {
                    found.add(name);
                }
            }
        }
        return found;
    }

    private static boolean matches(byte[] within, int at, byte[] sought) {
        for (int i = 1; i < sought.length; i++) {
            if (within[at + i] != sought[i]) {
                return false;
            }
        }
        return true;
    }

    /** The length, then the text: as the value of a string field. */
    private static byte[] asField(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        byte[] field = new byte[CodedOutputStream.computeUInt32SizeNoTag(text.length) + text.length];
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(field);
            out.writeUInt32NoTag(text.length);
            out.writeRawBytes(text);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return field;
    }
}
