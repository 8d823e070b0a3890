package io.meridian.cli.text;

import io.meridian.api.type.v1.Position;
import java.util.Optional;
import java.util.OptionalLong;

/** Positions as people write and read them: EPOCH.SEQ, or SEQ alone where the epoch can be found out. */
public final class Positions {
    /** @param epoch empty if only SEQ was written */
    public record Written(OptionalLong epoch, long seq) {}

    private static final int MAX_DIGITS = 18;

    private Positions() {}

    public static String text(Position position) {
        return position.getEpoch() + "." + position.getSeq();
    }

    /** "-" where there is none. */
    public static String cell(Position position) {
        return position.getSeq() == 0 && position.getEpoch() == 0 ? "-" : text(position);
    }

    /** Empty if it is none. */
    public static Optional<Written> parse(String text) {
        int dot = text.indexOf('.');
        if (dot < 0) {
            return isNumber(text)
                    ? Optional.of(new Written(OptionalLong.empty(), Long.parseLong(text)))
                    : Optional.empty();
        }
        String epoch = text.substring(0, dot);
        String seq = text.substring(dot + 1);
        return isNumber(epoch) && isNumber(seq)
                ? Optional.of(new Written(OptionalLong.of(Long.parseLong(epoch)), Long.parseLong(seq)))
                : Optional.empty();
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() <= MAX_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
