/** Pages other than the desk bring the rest of the component library's style with them. */
import "../gen/antd-later.css";
