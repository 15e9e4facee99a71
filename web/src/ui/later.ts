/** Pages other than the desk bring the rest of the component library's style with them, and the words that only they say. */
import "../gen/antd-later.css";
import { learn } from "../i18n";
import { office, officeEnums } from "../i18n/office";

learn(office, officeEnums);
