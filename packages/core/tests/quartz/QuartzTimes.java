import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.TimeZone;
import org.quartz.CronExpression;

/** Quartz's next times, in UTC, of each expression on a line of the input; `refused` for what it does not take. */
class QuartzTimes {
    /** Arguments: the epoch second to begin at, and how many times to give for each expression. */
    public static void main(String[] args) throws IOException {
        long begin = Long.parseLong(args[0]);
        int count = Integer.parseInt(args[1]);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(answer(line, begin, count));
        }
    }

    private static String answer(String text, long begin, int count) {
        CronExpression expression;
        try {
            expression = new CronExpression(text);
        } catch (ParseException | RuntimeException error) {
            return "refused";
        }
        expression.setTimeZone(TimeZone.getTimeZone("UTC"));
        List<String> found = new ArrayList<>();
        Date at = new Date(begin * 1000);
        while (found.size() < count && (at = expression.getNextValidTimeAfter(at)) != null) {
            found.add(Long.toString(at.getTime() / 1000));
        }
        return String.join(" ", found);
    }
}
